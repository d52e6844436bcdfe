/// Finding card numbers in texts that may hold one.
#pragma once

#include <set>
#include <string>

namespace kpd::inspect {

inline constexpr std::size_t kShortestPan = 12, kLongestPan = 19;

/// Puts stars over card numbers, but for their first six and last four digits: `known` ones
/// wherever they stand, other numbers of 12 to 19 digits with a right check digit, and what is
/// longer, since a card number may be inside. Leading zeros are not part of a number. grouped:
/// single blanks and hyphens may stand between the digits of one number.
void hide_numbers(std::string& text, const std::set<std::string, std::less<>>& known, bool grouped);

/// Puts stars over each occurrence of `known`, but for its first six and last four characters.
void hide_known(std::string& text, const std::string& known);

}  // namespace kpd::inspect
