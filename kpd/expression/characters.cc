#include "kpd/expression/characters.h"

#include <algorithm>

namespace kpd::expression {

std::size_t character_count(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), starts_character));
}

std::size_t character_start(std::string_view text, std::size_t index) {
  for (std::size_t at = 0; at < text.size(); ++at)
    if (starts_character(text[at]) && index-- == 0) return at;
  return text.size();
}

std::string_view characters(std::string_view text, std::size_t from, std::size_t count) {
  text.remove_prefix(character_start(text, from));
  return text.substr(0, character_start(text, count));
}

}  // namespace kpd::expression
