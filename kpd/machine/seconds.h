/// Times of machines: people write seconds, the program counts whole milliseconds.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace kpd {

using Milliseconds = std::chrono::milliseconds;

/// The longest time that anybody may give for one card in one module.
inline constexpr Milliseconds kLongestTime = std::chrono::hours(1);

/// "7", "7.5", "0.125": 0 to 3600 s, at most three decimals; else nothing.
std::optional<Milliseconds> parse_seconds(std::string_view text);

/// The same the other way round, without zeros that say nothing.
std::string seconds_text(Milliseconds time);

/// How many of `count` an hour in that time; 0 in no time.
double an_hour(std::uint64_t count, Milliseconds time);

}  // namespace kpd
