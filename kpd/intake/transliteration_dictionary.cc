#include <algorithm>

#include "kpd/intake/transliteration.h"

namespace kpd {
namespace {

struct Letter {
  char32_t capital;
  std::string_view latin;
};

// ICAO Doc 9303, part 3, section 6, tables A (Latin) and B (Cyrillic), by code point. The soft sign
// is in neither and falls away.
constexpr Letter kLetters[] = {
    {0x00C0, "A"},  {0x00C1, "A"},    {0x00C2, "A"},  {0x00C3, "A"},  {0x00C4, "AE"},
    {0x00C5, "AA"}, {0x00C6, "AE"},   {0x00C7, "C"},  {0x00C8, "E"},  {0x00C9, "E"},
    {0x00CA, "E"},  {0x00CB, "E"},    {0x00CC, "I"},  {0x00CD, "I"},  {0x00CE, "I"},
    {0x00CF, "I"},  {0x00D0, "D"},    {0x00D1, "N"},  {0x00D2, "O"},  {0x00D3, "O"},
    {0x00D4, "O"},  {0x00D5, "O"},    {0x00D6, "OE"}, {0x00D8, "OE"}, {0x00D9, "U"},
    {0x00DA, "U"},  {0x00DB, "U"},    {0x00DC, "UE"}, {0x00DD, "Y"},  {0x00DE, "TH"},
    {0x00DF, "SS"}, {0x0100, "A"},    {0x0102, "A"},  {0x0104, "A"},  {0x0106, "C"},
    {0x0108, "C"},  {0x010A, "C"},    {0x010C, "C"},  {0x010E, "D"},  {0x0110, "D"},
    {0x0112, "E"},  {0x0114, "E"},    {0x0116, "E"},  {0x0118, "E"},  {0x011A, "E"},
    {0x011C, "G"},  {0x011E, "G"},    {0x0120, "G"},  {0x0122, "G"},  {0x0124, "H"},
    {0x0126, "H"},  {0x0128, "I"},    {0x012A, "I"},  {0x012C, "I"},  {0x012E, "I"},
    {0x0130, "I"},  {0x0131, "I"},    {0x0132, "IJ"}, {0x0134, "J"},  {0x0136, "K"},
    {0x0139, "L"},  {0x013B, "L"},    {0x013D, "L"},  {0x013F, "L"},  {0x0141, "L"},
    {0x0143, "N"},  {0x0145, "N"},    {0x0147, "N"},  {0x014A, "N"},  {0x014C, "O"},
    {0x014E, "O"},  {0x0150, "O"},    {0x0152, "OE"}, {0x0154, "R"},  {0x0156, "R"},
    {0x0158, "R"},  {0x015A, "S"},    {0x015C, "S"},  {0x015E, "S"},  {0x0160, "S"},
    {0x0162, "T"},  {0x0164, "T"},    {0x0166, "T"},  {0x0168, "U"},  {0x016A, "U"},
    {0x016C, "U"},  {0x016E, "U"},    {0x0170, "U"},  {0x0172, "U"},  {0x0174, "W"},
    {0x0176, "Y"},  {0x0178, "Y"},    {0x0179, "Z"},  {0x017B, "Z"},  {0x017D, "Z"},
    {0x0218, "S"},  {0x021A, "T"},    {0x0401, "E"},  {0x0402, "D"},  {0x0403, "G"},
    {0x0404, "IE"}, {0x0405, "DZ"},   {0x0406, "I"},  {0x0407, "I"},  {0x0408, "J"},
    {0x0409, "LJ"}, {0x040A, "NJ"},   {0x040B, "C"},  {0x040C, "K"},  {0x040E, "U"},
    {0x040F, "DZ"}, {0x0410, "A"},    {0x0411, "B"},  {0x0412, "V"},  {0x0413, "G"},
    {0x0414, "D"},  {0x0415, "E"},    {0x0416, "ZH"}, {0x0417, "Z"},  {0x0418, "I"},
    {0x0419, "I"},  {0x041A, "K"},    {0x041B, "L"},  {0x041C, "M"},  {0x041D, "N"},
    {0x041E, "O"},  {0x041F, "P"},    {0x0420, "R"},  {0x0421, "S"},  {0x0422, "T"},
    {0x0423, "U"},  {0x0424, "F"},    {0x0425, "KH"}, {0x0426, "TS"}, {0x0427, "CH"},
    {0x0428, "SH"}, {0x0429, "SHCH"}, {0x042A, "IE"}, {0x042B, "Y"},  {0x042C, "-"},
    {0x042D, "E"},  {0x042E, "IU"},   {0x042F, "IA"}, {0x046A, "U"},  {0x0474, "Y"},
    {0x0490, "G"},  {0x0492, "G"},    {0x1E9E, "SS"}};

/// A range of letters and how far the capital is from its small letter.
struct SmallLetters {
  char32_t first, last;
  int to_capital;
  bool every_second;  ///< capitals and small letters take turns; the first one is small
};
constexpr SmallLetters kSmallLetters[] = {
    {0x00E0, 0x00F6, -0x20, false}, {0x00F8, 0x00FE, -0x20, false}, {0x00FF, 0x00FF, 0x79, false},
    {0x0101, 0x012F, -1, true},     {0x0133, 0x0137, -1, true},     {0x013A, 0x0148, -1, true},
    {0x014B, 0x0177, -1, true},     {0x017A, 0x017E, -1, true},     {0x0219, 0x021B, -1, true},
    {0x0430, 0x044F, -0x20, false}, {0x0450, 0x045F, -0x50, false}, {0x046B, 0x0475, -1, true},
    {0x0491, 0x0493, -1, true}};

char32_t capital(char32_t letter) {
  for (const SmallLetters& range : kSmallLetters)
    if (letter >= range.first && letter <= range.last &&
        (!range.every_second || (letter - range.first) % 2 == 0))
      return static_cast<char32_t>(static_cast<int>(letter) + range.to_capital);
  return letter;
}

}  // namespace

std::string_view latin_letters(char32_t letter) {
  const Letter* const end = std::end(kLetters);
  const Letter* found =
      std::lower_bound(std::begin(kLetters), end, capital(letter),
                       [](const Letter& one, char32_t wanted) { return one.capital < wanted; });
  return found == end || found->capital != capital(letter) ? std::string_view() : found->latin;
}

}  // namespace kpd
