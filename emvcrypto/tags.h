/// The dictionary of EMV data elements (EMV 4.4 Book 3, Annex A, and the schemes' public tags).
#pragma once

#include <string_view>

#include "emvcrypto/tlv.h"

namespace emvcrypto {

/// Formats of EMV 4.4 Book 3, 4.3.
enum class Format {
  binary,
  numeric,
  compressed_numeric,
  alphabetic,
  alphanumeric,
  special,
  dol,
  template_
};

/// What the dictionary knows of one tag.
struct TagInfo {
  Tag tag;
  std::string_view name;
  Format format;
  std::size_t min_length;  ///< bytes of the value
  std::size_t max_length;
  bool sensitive;  ///< cardholder data that people must see masked (PAN, track 2, name)
};

/// The entry of a tag, or nullptr.
const TagInfo* find_tag_info(Tag tag);

/// All entries, by tag.
std::span<const TagInfo> tag_dictionary();

}  // namespace emvcrypto
