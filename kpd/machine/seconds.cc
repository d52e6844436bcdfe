#include "kpd/machine/seconds.h"

#include <fmt/format.h>

#include <algorithm>

namespace kpd {
namespace {

constexpr int kThousand = 1000;

bool all_digits(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

int value_of(std::string_view digits) {
  int value = 0;
  for (const char c : digits) value = 10 * value + (c - '0');
  return value;
}

}  // namespace

std::optional<Milliseconds> parse_seconds(std::string_view text) {
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  std::string decimals(point == text.npos ? "0" : text.substr(point + 1));
  if (whole.empty() || whole.size() > 4 || !all_digits(whole)) return std::nullopt;
  if (decimals.empty() || decimals.size() > 3 || !all_digits(decimals)) return std::nullopt;
  decimals.resize(3, '0');
  const Milliseconds time(kThousand * value_of(whole) + value_of(decimals));
  if (time > kLongestTime) return std::nullopt;
  return time;
}

std::string seconds_text(Milliseconds time) {
  std::string text = fmt::format("{}.{:03}", time.count() / kThousand, time.count() % kThousand);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

double an_hour(std::uint64_t count, Milliseconds time) {
  constexpr Milliseconds kHour = std::chrono::hours(1);
  if (time.count() == 0) return 0;
  return static_cast<double>(count) * static_cast<double>(kHour.count()) /
         static_cast<double>(time.count());
}

}  // namespace kpd
