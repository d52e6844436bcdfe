/// Texts by their characters: positions in UTF-8. Internal to kpd/expression.
#pragma once

#include <string>
#include <string_view>

namespace kpd::expression {

/// Whether a character starts with this byte.
constexpr bool starts_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
}

/// Number of characters.
std::size_t character_count(std::string_view text);

/// Byte where the character of this index (from 0) starts; the text's size when it has no such one.
std::size_t character_start(std::string_view text, std::size_t index);

/// `count` characters from index `from` on, or as many as there are.
std::string_view characters(std::string_view text, std::size_t from, std::size_t count);

}  // namespace kpd::expression
