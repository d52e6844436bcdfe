#include "kpd/expression/integer.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace kpd::expression {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Sign and digits without leading zeros; zero has none.
struct Decimal {
  bool negative = false;
  std::string_view digits;

  explicit Decimal(std::string_view text) : negative(text.front() == '-'), digits(text) {
    digits.remove_prefix(negative ? 1 : 0);
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    if (digits.empty()) negative = false;
  }
};

std::strong_ordering compare_digits(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return a.size() <=> b.size();
  return a.compare(b) <=> 0;
}

}  // namespace

bool is_integer(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  if (!is_integer(text)) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{}) return std::nullopt;
  return value;
}

std::strong_ordering compare_integers(std::string_view a, std::string_view b) {
  const Decimal left(a), right(b);
  if (left.negative != right.negative)
    return left.negative ? std::strong_ordering::less : std::strong_ordering::greater;
  return left.negative ? compare_digits(right.digits, left.digits)
                       : compare_digits(left.digits, right.digits);
}

emvcrypto::Expected<std::int64_t> calculate(std::int64_t a, char sign, std::int64_t b) {
  std::int64_t result = 0;
  bool overflow = false;
  if (sign == '+') {
    overflow = __builtin_add_overflow(a, b, &result);
  } else if (sign == '-') {
    overflow = __builtin_sub_overflow(a, b, &result);
  } else if (sign == '*') {
    overflow = __builtin_mul_overflow(a, b, &result);
  } else {
    if (b == 0) return emvcrypto::fault("expression", "a division by zero");
    if (b == -1) {  // the smallest integer divided by it does not fit
      overflow = sign == '/' && __builtin_sub_overflow(std::int64_t{0}, a, &result);
    } else {
      result = sign == '/' ? a / b : a % b;
    }
  }
  if (overflow) return emvcrypto::fault("expression", "the number is too large");
  return result;
}

}  // namespace kpd::expression
