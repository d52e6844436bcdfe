/// Chip data without DGIs: each application a package of name, PIX, key data and one run of
/// BER-TLV. What a package does not say (AIDs, which tags make which DGI, transport keys, device
/// instructions) is the same for every card of a product and stands once in the file's header, so
/// that a reader gets back exactly the record that an EMV CPS file would have carried.
///
/// A package, as one production system writes it (order certain, widths of the unnamed lengths
/// not): 7 ASCII digits, the length of what follows | FFFFFFFA | 2-byte length of what follows |
/// 2-byte length, name | length, PIX (4) | length, key data | 2-byte length, BER-TLV.
/// Key data is 12 zeros, or MACkey and MACINP as in field 3d of a CPS record.
#pragma once

#include <string>
#include <vector>

#include "cps/record.h"
#include "cps/tag_tree.h"

namespace cps {

/// How one DGI of an application stands in its run of BER-TLV: as the leaves of `content`, in
/// order; or whole, as the value of the private tag `whole`. Secrets, what is no BER-TLV and what
/// does not look like `content` go whole.
struct TaggedDgi {
  DgiId id = 0;
  Tag whole = 0;
  std::vector<TagTree> content;  ///< empty: always whole
  bool operator==(const TaggedDgi&) const = default;
};

/// One application's package.
struct TaggedApplication {
  std::string name;  ///< 1-64 printable characters
  Bytes pix;         ///< 4 bytes
  std::vector<TaggedDgi> dgis;
  bool operator==(const TaggedApplication&) const = default;
};

/// One kind of card.
struct TaggedCard {
  Record frame;  ///< everything but CRN, DGIs and MACs
  std::vector<TaggedApplication> applications;
  bool operator==(const TaggedCard&) const = default;
};

/// What a file's header says of all its packages.
struct TaggedLayout {
  std::size_t pix_length_size = 2;       ///< bytes of PIX's length: 1 or 2
  std::size_t key_data_length_size = 2;  ///< of key data's length: 1 or 2
  /// Stands for a leaf that the card has not (empty), or for a DGI that it has not (the DGI's two
  /// bytes).
  Tag absent = 0xDF7F;
  /// A DGI that the layout does not know, or not at this place: its two bytes, then its value.
  Tag other = 0xDF7E;
  std::vector<TaggedCard> cards;
  bool operator==(const TaggedLayout&) const = default;
};

/// Modules of a card beside its packages.
inline constexpr std::string_view kCrnMic = "$CRN";     ///< card reference number, hexadecimal
inline constexpr std::string_view kLayoutMic = "$LAY";  ///< place in TaggedLayout::cards, decimal

/// Why a layout cannot be read back; empty when it can: private tags are primitive, no leaf, and
/// each stands for one thing; frames and packages agree.
std::string layout_mistake(const TaggedLayout& layout);

/// The packages of a card. which: its place in TaggedLayout::cards (std::out_of_range). Fault
/// "output" when the record says something else than its frame, or a part outgrows its length.
Expected<Bytes> encode_packages(const TaggedLayout& layout, std::size_t which,
                                const Record& record);

/// The reverse: the record with all its DGIs. Fault "card-file".
Expected<Record> parse_packages(const TaggedLayout& layout, std::size_t which, ByteView packages,
                                ByteView reference);

}  // namespace cps
