/// Reading card files, whatever their format: one seam for everybody who takes cards.
#pragma once

#include <istream>
#include <memory>
#include <optional>

#include "cps/card_file.h"

namespace cps {

/// The cards of one file, one by one; memory holds one.
class CardSource {
 public:
  virtual ~CardSource() = default;

  virtual const FileHeader& header() const = 0;

  /// The next card's modules; nothing at the trailer. Throws cps::FileError, with the byte offset,
  /// when the file is cut or malformed, when counts or digest of the trailer do not fit, or when
  /// bytes follow the trailer.
  virtual std::optional<std::vector<Module>> next() = 0;

  /// After the last record: the trailer, checked.
  virtual const FileTrailer& trailer() const = 0;
};

/// Reads the header; the first bytes tell modules from lines. Throws cps::FileError when the file
/// does not start as a card file. `in` must live as long.
std::unique_ptr<CardSource> open_card_file(std::istream& in);

/// So many bytes at the start of a file say whether it is a card file.
inline constexpr std::size_t kCardFileStart = 24;
bool is_card_file(std::string_view start);

/// The record for a card's chip, from its modules. Fault when there is none or it does not parse.
Expected<Record> chip_record(const FileHeader& header, std::span<const Module> modules);

}  // namespace cps
