// Integers and amounts.
#include <algorithm>

#include "kpd/expression/function_bodies.h"
#include "kpd/expression/integer.h"

namespace kpd::expression {
namespace {

constexpr std::int64_t kMaxPlaces = 9;

Result not_a_number() {
  return refuse("this is no integer of 64 bits");
}

emvcrypto::Expected<std::size_t> places_of(const std::string& text) {
  const auto value = parse_integer(text);
  if (!value || *value < 0 || *value > kMaxPlaces)
    return refuse("the number of places is no integer of 0 to 9");
  return static_cast<std::size_t>(*value);
}

/// The first of `a` that stands before all others in the order `before`.
template <typename Before>
Result first_of(Arguments a, Before before) {
  std::optional<std::int64_t> best;
  for (const std::string& text : a) {
    const auto value = parse_integer(text);
    if (!value) return not_a_number();
    if (!best || before(*value, *best)) best = value;
  }
  return std::to_string(*best);
}

}  // namespace

Result number(Arguments a) {
  const auto value = parse_integer(a[0]);
  if (!value) return not_a_number();
  return std::to_string(*value);
}

Result min(Arguments a) {
  return first_of(a, std::less<>());
}

Result max(Arguments a) {
  return first_of(a, std::greater<>());
}

Result to_minor(Arguments a) {
  const auto places = places_of(a[1]);
  if (!places) return tl::unexpected(places.error());
  const std::size_t point = a[0].find_first_of(".,");
  std::string whole = a[0].substr(0, point);
  std::string fraction = point == std::string::npos ? "" : a[0].substr(point + 1);
  if (!is_integer(whole) || (point != std::string::npos && !is_integer("0" + fraction)) ||
      fraction.starts_with('-'))
    return refuse("this is no amount");
  while (fraction.size() > *places && fraction.back() == '0') fraction.pop_back();
  if (fraction.size() > *places) return refuse("the amount has too many decimal places");
  fraction.resize(*places, '0');
  const auto value = parse_integer(whole + fraction);
  if (!value) return refuse("the number is too large");
  return std::to_string(*value);
}

Result from_minor(Arguments a) {
  const auto places = places_of(a[1]);
  if (!places) return tl::unexpected(places.error());
  const auto value = parse_integer(a[0]);
  if (!value) return not_a_number();
  std::string text = std::to_string(*value);
  if (*places == 0) return text;
  const std::size_t sign = text[0] == '-' ? 1 : 0;
  if (text.size() - sign <= *places) text.insert(sign, *places + 1 - (text.size() - sign), '0');
  text.insert(text.size() - *places, 1, '.');
  return text;
}

}  // namespace kpd::expression
