/// Names in the letters that every machine knows (ICAO Doc 9303, part 3, section 6).
#pragma once

#include <string>
#include <string_view>

#include "emvcrypto/fault.h"

namespace kpd {

/// The text with national letters as Latin capitals A-Z; ASCII letters become capitals too, all
/// other ASCII stays. Where the standard lets a state choose, its general form is taken (Ä is AE,
/// Г is G). utf8: letters of the Latin and Cyrillic scripts, composed. Fault:
/// "transliteration" at the first character that the tables do not have.
emvcrypto::Expected<std::string> transliterate(std::string_view utf8);

/// The Latin letters for one; "-" for a letter that falls away (Ь), empty for one that
/// the tables do not have. letter: a Unicode code point above ASCII, capital or small.
std::string_view latin_letters(char32_t letter);

}  // namespace kpd
