#include "kpd/intake/amount.h"

#include <fmt/format.h>

#include <algorithm>

namespace kpd {
namespace {

bool all_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

emvcrypto::Expected<std::string> read_amount(std::string_view text, std::size_t decimals) {
  const std::size_t mark = text.find_first_of(".,");
  const std::string_view whole = text.substr(0, mark);
  const std::string_view part = mark == text.npos ? std::string_view() : text.substr(mark + 1);
  if (!all_digits(whole) || (mark != text.npos && !all_digits(part)))
    return emvcrypto::fault("format", "an amount is digits, and perhaps decimals behind a point");
  if (part.size() > decimals)
    return emvcrypto::fault("format",
                            fmt::format("the amount has more than {} decimals", decimals));
  std::string minor = std::string(whole) + std::string(part);
  minor.append(decimals - part.size(), '0');
  minor.erase(0, std::min(minor.find_first_not_of('0'), minor.size() - 1));
  return minor;
}

}  // namespace kpd
