#include "kpd/intake/transliteration.h"

#include <fmt/format.h>

#include <optional>

namespace kpd {
namespace {

/// Takes one code point of well-formed UTF-8; nothing when it is not.
std::optional<char32_t> take_letter(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t size = lead < 0x80   ? 1
                           : lead < 0xC0 ? 0
                           : lead < 0xE0 ? 2
                           : lead < 0xF0 ? 3
                                         : 4;
  if (size == 0 || size > text.size()) return std::nullopt;
  char32_t letter = size == 1 ? lead : lead & (0xFFU >> (size + 1));
  for (std::size_t i = 1; i < size; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0U) != 0x80) return std::nullopt;
    letter = (letter << 6) | (next & 0x3FU);
  }
  text.remove_prefix(size);
  return letter;
}

}  // namespace

emvcrypto::Expected<std::string> transliterate(std::string_view utf8) {
  constexpr char32_t kLastAscii = 0x7F;
  std::string latin;
  for (std::size_t place = 1; !utf8.empty(); ++place) {
    const auto letter = take_letter(utf8);
    if (!letter)
      return emvcrypto::fault("transliteration", fmt::format("character {} is no UTF-8", place));
    if (*letter <= kLastAscii) {
      const char c = static_cast<char>(*letter);
      latin += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      continue;
    }
    const std::string_view letters = latin_letters(*letter);
    if (letters.empty())
      return emvcrypto::fault(
          "transliteration",
          fmt::format("ICAO Doc 9303 has no Latin letters for character {}", place));
    if (letters != "-") latin += letters;
  }
  return latin;
}

}  // namespace kpd
