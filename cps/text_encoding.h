/// Texts of a file in another character set than UTF-8.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "emvcrypto/fault.h"

namespace cps {

using emvcrypto::Expected;

/// One character set: ASCII, UTF-8, or one with a byte a character that agrees with ASCII below 80
/// (ISO 8859, Windows-125x, CP866, KOI8-R ...), so that delimiters are the same bytes in all.
class TextEncoding {
 public:
  /// name: as iconv knows it. Throws std::invalid_argument for one that is unknown or of another
  /// kind.
  explicit TextEncoding(const std::string& name);
  ~TextEncoding();
  TextEncoding(TextEncoding&&) noexcept;
  TextEncoding& operator=(TextEncoding&&) noexcept;

  /// UTF-8 to this set. Fault "encoding" when a character is not in it or the text is no UTF-8.
  Expected<std::string> encode(std::string_view text) const;

  /// The reverse. Fault "encoding" for bytes that are no text.
  Expected<std::string> decode(std::string_view bytes) const;

 private:
  struct Tables;
  std::unique_ptr<Tables> tables_;
};

}  // namespace cps
