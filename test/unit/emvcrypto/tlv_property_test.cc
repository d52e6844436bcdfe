#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>

#include "emvcrypto/tlv.h"

using namespace emvcrypto;

namespace {

const std::vector<Tag> kPrimitive = {0x5A, 0x82, 0x95, 0x9F46, 0x5F24, 0xDF8101};
const std::vector<Tag> kConstructed = {0x70, 0x6F, 0xA5, 0xBF0C};

Bytes encoded(const Tlv& object) {
  if (object.children.empty()) return make_tlv(object.tag, object.value);
  Bytes value;
  for (const Tlv& child : object.children) append(value, encoded(child));
  return make_tlv(object.tag, value);
}

/// A random object of at most `depth` levels; constructed ones have children.
Tlv random_object(int depth) {
  Tlv object;
  if (depth > 1 && *rc::gen::arbitrary<bool>()) {
    object.tag = *rc::gen::elementOf(kConstructed);
    const int count = *rc::gen::inRange(1, 4);
    for (int i = 0; i < count; ++i) object.children.push_back(random_object(depth - 1));
    return object;
  }
  object.tag = *rc::gen::elementOf(kPrimitive);
  const auto size = *rc::gen::element<std::size_t>(0, 1, 3, 127, 128, 255, 256, 300);
  object.value = *rc::gen::container<Bytes>(size, rc::gen::arbitrary<std::uint8_t>());
  return object;
}

bool same(const Tlv& built, const Tlv& parsed) {
  if (built.tag != parsed.tag || built.children.size() != parsed.children.size()) return false;
  if (built.children.empty()) return built.value == parsed.value;
  return std::ranges::equal(built.children, parsed.children, same);
}

}  // namespace

TEST_CASE("what was written as TLV is read back") {
  rc::prop("for any tree", [] {
    const Tlv object = random_object(4);
    const Bytes bytes = encoded(object);
    const auto tree = parse_tlv_tree(bytes);
    RC_ASSERT(tree.has_value());
    RC_ASSERT(tree->size() == 1U);
    RC_ASSERT(same(object, tree->at(0)));
  });
}

TEST_CASE("a list cut short is refused") {
  rc::prop("wherever it is cut inside an object", [] {
    const Bytes bytes = encoded(random_object(3));
    const auto size = *rc::gen::inRange<std::size_t>(1, bytes.size());
    RC_ASSERT(!parse_tlv_list(ByteView(bytes).first(size)));
  });
}

TEST_CASE("objects of arbitrary bytes lie inside their input") {
  rc::prop("for any bytes", [](const Bytes& bytes) {
    const auto objects = parse_tlv_list(bytes);
    if (!objects) return;
    const std::uint8_t* at = bytes.data();
    for (const TlvView& object : *objects) {
      RC_ASSERT(object.whole.data() >= at);
      at = object.whole.data() + object.whole.size();
      RC_ASSERT(object.value.data() + object.value.size() == at);
    }
    RC_ASSERT(at <= bytes.data() + bytes.size());
  });
}

TEST_CASE("a data object list is read back") {
  rc::prop("for any entries", [] {
    std::vector<DolEntry> entries;
    Bytes dol;
    const int count = *rc::gen::inRange(0, 10);
    for (int i = 0; i < count; ++i) {
      entries.push_back({*rc::gen::elementOf(kPrimitive), *rc::gen::arbitrary<std::uint8_t>()});
      append(dol, tag_bytes(entries.back().tag));
      append_number(dol, entries.back().length, 1);
    }
    RC_ASSERT(parse_dol(dol) == entries);
  });
}
