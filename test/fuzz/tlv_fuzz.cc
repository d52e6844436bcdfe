// Any bytes as TLV: what the parser accepts lies inside the input, and all its views agree.
#include <cstdlib>

#include "emvcrypto/tlv.h"

using namespace emvcrypto;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

void require_readable(const std::vector<Tlv>& objects) {
  for (const Tlv& object : objects) {
    require(parse_tag(tag_name(object.tag)).has_value() || object.tag == 0);
    require(make_tlv(object.tag, object.value).size() > object.value.size());
    require_readable(object.children);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  const auto list = parse_tlv_list(input);
  std::size_t taken = 0;
  if (list) {
    for (const TlvView& object : *list) {
      require(object.whole.data() >= data &&
              object.whole.data() + object.whole.size() <= data + size);
      require(object.value.size() < object.whole.size());
      taken += object.whole.size();
      require(find_tlv(input, object.tag).has_value());
    }
    require(taken <= size);
  }
  const auto tree = parse_tlv_tree(input);
  if (tree) {
    require(list.has_value() && tree->size() == list->size());
    require_readable(*tree);
  }
  return 0;
}
