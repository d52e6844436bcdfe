#include "cps/text_encoding.h"

#include <iconv.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <stdexcept>

namespace cps {
namespace {

constexpr std::size_t kHighBytes = 128;

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_name(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

/// Bytes of the UTF-8 character at the front; 0 when there is none (RFC 3629: shortest form, no
/// surrogates, nothing beyond 10FFFF).
std::size_t character_size(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = at(0);
  const std::size_t size = first < 0x80                    ? 1
                           : first >= 0xC2 && first < 0xE0 ? 2
                           : first >= 0xE0 && first < 0xF0 ? 3
                           : first >= 0xF0 && first < 0xF5 ? 4
                                                           : 0;
  if (size == 0 || size > text.size()) return 0;
  for (std::size_t i = 1; i < size; ++i)
    if ((at(i) & 0xC0) != 0x80) return 0;
  if (size == 3 && ((first == 0xE0 && at(1) < 0xA0) || (first == 0xED && at(1) >= 0xA0))) return 0;
  if (size == 4 && ((first == 0xF0 && at(1) < 0x90) || (first == 0xF4 && at(1) >= 0x90))) return 0;
  return size;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    if (size == 0) return false;
    text.remove_prefix(size);
  }
  return true;
}

/// A converter of the C library.
class Converter {
 public:
  explicit Converter(const std::string& from) : handle_(iconv_open("UTF-8", from.c_str())) {
    // the value that POSIX gives to a handle that could not be made
    if (handle_ == reinterpret_cast<iconv_t>(-1))  // NOLINT(performance-no-int-to-ptr)
      throw std::invalid_argument("the character set '" + from + "' is not known");
  }
  ~Converter() { iconv_close(handle_); }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  enum class Verdict { character, unused, part };

  /// What one byte alone stands for.
  Verdict convert(unsigned char byte, std::string& character) {
    iconv(handle_, nullptr, nullptr, nullptr, nullptr);
    std::array<char, 1> in{static_cast<char>(byte)};
    std::array<char, 16> out{};
    char* from = in.data();
    char* to = out.data();
    std::size_t left = in.size(), room = out.size();
    if (iconv(handle_, &from, &left, &to, &room) == static_cast<std::size_t>(-1))
      return errno == EINVAL ? Verdict::part : Verdict::unused;
    character.assign(out.data(), out.size() - room);
    return character.empty() ? Verdict::part : Verdict::character;
  }

 private:
  iconv_t handle_;
};

}  // namespace

struct TextEncoding::Tables {
  bool utf8 = false;
  std::array<std::string, kHighBytes> characters;  ///< of bytes 80-FF; empty: unused
  std::map<std::string, char, std::less<>> bytes;  ///< the reverse
};

TextEncoding::TextEncoding(const std::string& name) : tables_(std::make_unique<Tables>()) {
  if (!is_name(name))
    throw std::invalid_argument("a character set has a name of letters, digits and hyphens");
  std::string capitals = name;
  for (char& c : capitals)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  if (capitals == "UTF-8" || capitals == "UTF8") {
    tables_->utf8 = true;
    return;
  }
  Converter converter(name);
  for (unsigned byte = 0; byte < 2 * kHighBytes; ++byte) {
    std::string character;
    const auto verdict = converter.convert(static_cast<unsigned char>(byte), character);
    const bool fits = byte < kHighBytes
                          ? verdict == Converter::Verdict::character && character.size() == 1 &&
                                static_cast<unsigned char>(character[0]) == byte
                          : verdict != Converter::Verdict::part;
    if (!fits)
      throw std::invalid_argument("the character set '" + name +
                                  "' is not one byte a character with ASCII as its lower half");
    if (byte < kHighBytes || verdict != Converter::Verdict::character) continue;
    tables_->bytes.emplace(character, static_cast<char>(byte));
    tables_->characters[byte - kHighBytes] = std::move(character);
  }
}

TextEncoding::~TextEncoding() = default;
TextEncoding::TextEncoding(TextEncoding&&) noexcept = default;
TextEncoding& TextEncoding::operator=(TextEncoding&&) noexcept = default;

Expected<std::string> TextEncoding::encode(std::string_view text) const {
  if (is_ascii(text)) return std::string(text);
  if (!is_utf8(text)) return emvcrypto::fault("encoding", "the text is not UTF-8");
  if (tables_->utf8) return std::string(text);
  std::string out;
  while (!text.empty()) {
    const std::string_view character = text.substr(0, character_size(text));
    text.remove_prefix(character.size());
    if (character.size() == 1) {
      out += character;
      continue;
    }
    const auto found = tables_->bytes.find(character);
    if (found == tables_->bytes.end())
      return emvcrypto::fault("encoding", "a character is not in the file's character set");
    out += found->second;
  }
  return out;
}

Expected<std::string> TextEncoding::decode(std::string_view bytes) const {
  if (is_ascii(bytes)) return std::string(bytes);
  if (tables_->utf8) {
    if (!is_utf8(bytes)) return emvcrypto::fault("encoding", "the text is not UTF-8");
    return std::string(bytes);
  }
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < kHighBytes) {
      out += c;
      continue;
    }
    const std::string& character = tables_->characters[byte - kHighBytes];
    if (character.empty())
      return emvcrypto::fault("encoding", "a byte is no character of the file's character set");
    out += character;
  }
  return out;
}

}  // namespace cps
