#include "kpd/tester/compare_values.h"

#include <algorithm>
#include <map>

#include "emvcrypto/tags.h"

namespace kpd::tester {
namespace {

using emvcrypto::Bytes;
using emvcrypto::ByteView;
using emvcrypto::Tag;
using emvcrypto::Tlv;

constexpr std::size_t kShownBytes = 24;

/// Primitive values by tag, each tag's in the order that they stand in.
using Leaves = std::map<Tag, std::vector<Bytes>>;

void collect(const std::vector<Tlv>& tree, Leaves& leaves) {
  for (const Tlv& object : tree) {
    if (emvcrypto::is_constructed(object.tag))
      collect(object.children, leaves);
    else
      leaves[object.tag].push_back(object.value);
  }
}

std::optional<Leaves> leaves_of(ByteView value) {
  const auto tree = emvcrypto::parse_tlv_tree(value);
  if (!tree) return std::nullopt;
  Leaves leaves;
  collect(*tree, leaves);
  return leaves;
}

std::string at(Tag tag) {
  return "tag " + emvcrypto::tag_name(tag);
}

std::string size_text(std::size_t size) {
  return std::to_string(size) + " bytes";
}

void compare_tag(Tag tag, const std::vector<Bytes>& prepared, const std::vector<Bytes>& on_card,
                 std::vector<Difference>& found) {
  for (std::size_t i = 0; i < std::max(prepared.size(), on_card.size()); ++i) {
    if (i >= on_card.size())
      found.push_back({"data.missing", "prepared: " + shown(tag, prepared[i]), at(tag)});
    else if (i >= prepared.size())
      found.push_back({"data.unexpected", "on the card: " + shown(tag, on_card[i]), at(tag)});
    else if (prepared[i] != on_card[i])
      found.push_back(
          {"data.differs",
           "prepared: " + shown(tag, prepared[i]) + "; on the card: " + shown(tag, on_card[i]),
           at(tag)});
  }
}

}  // namespace

std::vector<Difference> differences(ByteView prepared, ByteView on_card) {
  if (std::equal(prepared.begin(), prepared.end(), on_card.begin(), on_card.end())) return {};
  std::vector<Difference> found;
  auto left = leaves_of(prepared);
  auto right = leaves_of(on_card);
  if (left && right) {
    for (const auto& [tag, values] : *left) compare_tag(tag, values, (*right)[tag], found);
    for (const auto& [tag, values] : *right)
      if (!left->contains(tag)) compare_tag(tag, {}, values, found);
  }
  if (found.empty())
    found.push_back({"data.differs",
                     "prepared: " + size_text(prepared.size()) +
                         "; on the card: " + size_text(on_card.size()) +
                         (left && right ? ", the same objects in another order or coding" : ""),
                     ""});
  return found;
}

std::string shown(Tag tag, ByteView value) {
  const auto* info = emvcrypto::find_tag_info(tag);
  if (!info || info->sensitive) return size_text(value.size()) + ", not shown";
  if (value.empty()) return "empty";
  if (value.size() <= kShownBytes) return emvcrypto::to_hex(value);
  return emvcrypto::to_hex(value.first(kShownBytes)) + "... (" + size_text(value.size()) + ")";
}

}  // namespace kpd::tester
