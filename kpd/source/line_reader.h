/// The lines of a text file in UTF-8, each with what is wrong with it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "emvcrypto/fault.h"
#include "kpd/source/input.h"
#include "kpd/source/text_decoder.h"

namespace kpd {

struct TextLine {
  std::uint64_t number = 0;               ///< from 1
  emvcrypto::Expected<std::string> text;  ///< UTF-8; faults "record-size" "encoding" "nul"
};

/// Reads line by line; memory holds one line. Lines end in LF or CR LF (in EBCDIC also NEL), the
/// last one perhaps in nothing. A byte order mark before all is no part of the text.
class LineReader {
 public:
  /// Throws Failure(usage) when there is no such encoding, or when it needs a byte order mark and
  /// the file has none.
  LineReader(Input input, const std::string& encoding);

  /// The next line; nothing at the end. Throws Failure(io).
  std::optional<TextLine> next();

  /// The next `size` bytes as if they were a line; fewer at the end.
  std::optional<TextLine> next_block(std::size_t size);

  const std::string& name() const { return input_.name(); }

 private:
  bool fill();
  std::string byte_order(const std::string& encoding) const;
  TextLine decoded(bool too_long);

  Input input_;
  std::string buffer_;
  std::size_t at_ = 0;  ///< what of the buffer was taken
  std::uint64_t number_ = 0;
  std::string raw_;  ///< the line at hand
  TextDecoder decoder_;
};

}  // namespace kpd
