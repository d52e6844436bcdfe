/// Which BER-TLV objects stand inside which, as a text that people can read: "70(57,5F20)".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "emvcrypto/fault.h"
#include "emvcrypto/tlv.h"

namespace cps {

using emvcrypto::Expected;
using emvcrypto::Tag;

/// One object: a leaf is taken whole, whatever its tag says; any other holds these, in order.
struct TagTree {
  Tag tag = 0;
  std::vector<TagTree> inside;
  bool is_leaf() const { return inside.empty(); }
  bool operator==(const TagTree&) const = default;
};

/// "A5(50,87,BF0C(9F4D)),9F36".
std::string to_text(const std::vector<TagTree>& trees);

/// The reverse; an empty text is an empty list. Fault "tags" when it is not such a text, or nested
/// more than 8 deep.
Expected<std::vector<TagTree>> parse_tag_trees(std::string_view text);

/// All leaves' tags, in order.
void append_leaves(std::vector<Tag>& to, const std::vector<TagTree>& trees);

}  // namespace cps
