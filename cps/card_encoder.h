/// Writing card files, whatever their format: one seam for everybody who makes cards.
#pragma once

#include <memory>

#include "cps/card_file.h"

namespace cps {

/// What one card brings into a file.
struct CardContent {
  std::vector<Module> modules;  ///< texts in UTF-8; $REF and $TYP are among them
  Record record;                ///< for the chip
  std::size_t layout = 0;       ///< FileFormat::tagged: place in TaggedLayout::cards
};

/// The bytes of one file's parts. Whoever writes them computes the digest over all before the
/// trailer. Cards may be encoded by several threads at a time.
class CardEncoder {
 public:
  virtual ~CardEncoder() = default;
  virtual Bytes header() = 0;
  /// Fault "output" when a card does not fit the format; nothing of it is written then.
  virtual Expected<Bytes> card(const CardContent& card) const = 0;
  virtual Bytes trailer(const FileTrailer& trailer) = 0;
};

/// Throws std::invalid_argument when the header's layout cannot be used.
std::unique_ptr<CardEncoder> make_card_encoder(const FileHeader& header);

}  // namespace cps
