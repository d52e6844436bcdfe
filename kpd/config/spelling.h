/// Hints for mistyped words.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kpd {

/// "did you mean 'product'?" for the known word that is nearest to `word`, at most two typing
/// errors away (one for short words); else nothing.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);
std::string did_you_mean(std::string_view word, std::initializer_list<std::string_view> known);

}  // namespace kpd
