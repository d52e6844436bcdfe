/// BER-TLV as EMV restricts it (EMV 4.4 Book 3, Annex B): definite lengths, tags of 1-3 bytes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "emvcrypto/bytes.h"

namespace emvcrypto {

/// A tag as the number of its bytes: 0x5A, 0x9F46, 0xBF0C.
using Tag = std::uint32_t;

/// One data object; `children` only where the tag is constructed and was parsed deep.
struct Tlv {
  Tag tag = 0;
  Bytes value;
  std::vector<Tlv> children;
};

/// The bytes of a tag (1-4).
Bytes tag_bytes(Tag tag);

/// The number of bytes that a tag takes.
std::size_t tag_size(Tag tag);

/// Bit 6 of the first byte: the value is itself BER-TLV.
bool is_constructed(Tag tag);

/// "9F46"; upper-case hexadecimal.
std::string tag_name(Tag tag);

/// Reads "9F46" as a tag; nothing when the text is not exactly one well-formed tag.
std::optional<Tag> parse_tag(std::string_view hex);

/// The length field: 1 byte to 127, 81 xx to 255, 82 xx xx to 65535, 83 beyond.
void append_length(Bytes& to, std::size_t length);

/// Tag, length and value, appended or alone.
void append_tlv(Bytes& to, Tag tag, ByteView value);
Bytes make_tlv(Tag tag, ByteView value);

/// One step of reading: the object at the front of `input`, which moves behind it.
struct TlvView {
  Tag tag = 0;
  ByteView value;
  ByteView whole;  ///< tag, length and value as they stood
};
/// Nothing when the input is empty or malformed (a length beyond the input, an indefinite length,
/// a tag longer than 4 bytes). Does not skip padding.
std::optional<TlvView> next_tlv(ByteView& input);

/// All objects of a list, one level. Skips 00 and FF padding between objects (Book 3, B1). Nothing
/// when malformed.
std::optional<std::vector<TlvView>> parse_tlv_list(ByteView input);

/// The list with all constructed objects opened, to a depth of 8. Nothing when malformed.
std::optional<std::vector<Tlv>> parse_tlv_tree(ByteView input);

/// The value of the first object with this tag, searched depth first through constructed objects.
/// Nothing when absent or malformed before it.
std::optional<ByteView> find_tlv(ByteView input, Tag tag);

/// One entry of a DOL: a tag and the length wanted (EMV 4.4 Book 3, 5.4).
struct DolEntry {
  Tag tag = 0;
  std::size_t length = 0;
  bool operator==(const DolEntry&) const = default;
};
/// Nothing when malformed.
std::optional<std::vector<DolEntry>> parse_dol(ByteView dol);

}  // namespace emvcrypto
