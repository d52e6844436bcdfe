/// Integers of expressions: 64 bits with every overflow noticed, as decimal texts.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "emvcrypto/fault.h"

namespace kpd::expression {

/// Whether a text is an integer: digits, a '-' before them at most. Any length.
bool is_integer(std::string_view text);

/// The value of an integer's text, leading zeros allowed; nothing when it is no integer or beyond
/// 64 bits.
std::optional<std::int64_t> parse_integer(std::string_view text);

/// Two integers by value, of any length. Both must be integers.
std::strong_ordering compare_integers(std::string_view a, std::string_view b);

/// a sign b for '+' '-' '*' '/' '%'; division goes towards zero, a remainder has the sign of a.
/// Faults: overflow, division by zero.
emvcrypto::Expected<std::int64_t> calculate(std::int64_t a, char sign, std::int64_t b);

}  // namespace kpd::expression
