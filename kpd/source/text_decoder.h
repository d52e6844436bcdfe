/// From the encodings of back offices to UTF-8.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace kpd {

/// Whether every byte belongs to a character of UTF-8 (RFC 3629).
bool is_utf8(std::string_view text);

/// Characters of a text in UTF-8.
std::size_t utf8_length(std::string_view text);

/// Turns texts of one encoding into UTF-8, each for itself.
class TextDecoder {
 public:
  /// Whether an encoding of this name can be read.
  static bool knows(const std::string& encoding);

  /// Whether every character has as many bytes as any other.
  static bool even(const std::string& encoding);

  /// The encoding itself; for "UTF-16" and "UTF-32", which leave the order of bytes to a byte order
  /// mark, the one with which `start` begins. Throws Failure(usage) when there is no mark.
  static std::string with_byte_order(const std::string& encoding, std::string_view start);

  /// `encoding`: with its order of bytes. Throws Failure(usage) when there is no such encoding.
  explicit TextDecoder(const std::string& encoding);

  /// False when `raw` has bytes that the encoding does not have; what `text` holds then is of no
  /// use.
  bool decode(std::string_view raw, std::string& text) const;

  /// Bytes of the smallest unit: 1, of UTF-16 2, of UTF-32 4.
  std::size_t unit() const { return line_feed_.size(); }

  /// Where the first line end of `raw` stands: a line feed, in EBCDIC also NEL; npos when nowhere.
  /// `raw` begins with a whole unit.
  std::size_t find_line_end(std::string_view raw) const;

 private:
  struct Close {
    void operator()(void* descriptor) const;
  };

  std::unique_ptr<void, Close> descriptor_;  ///< of iconv; none for UTF-8
  bool keeps_ascii_ = true;                  ///< a text of ASCII's printable bytes is itself
  std::string line_feed_ = "\n", next_line_ = "\n";
};

}  // namespace kpd
