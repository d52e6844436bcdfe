// What holds for every expression and every record.
#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <limits>

#include "emvcrypto/pan.h"
#include "kpd/expression/functions.h"
#include "kpd/expression/integer.h"
#include "kpd/source/text_decoder.h"
#include "test/unit/kpd/expression_test_scope.h"

namespace {

__extension__ using Wide = __int128;

std::string written(Wide value) {
  if (value == 0) return "0";
  std::string digits;
  for (Wide rest = value; rest != 0; rest /= 10)
    digits.insert(digits.begin(), static_cast<char>('0' + (rest < 0 ? -(rest % 10) : rest % 10)));
  return value < 0 ? "-" + digits : digits;
}

/// What the sign gives with enough bits; nothing for a division by zero.
std::optional<Wide> exact(std::int64_t a, char sign, std::int64_t b) {
  const Wide left = a, right = b;
  if (sign == '+') return left + right;
  if (sign == '-') return left - right;
  if (sign == '*') return left * right;
  if (b == 0) return std::nullopt;
  return sign == '/' ? left / right : left % right;
}

/// Numbers of every size, those on the borders often.
std::int64_t any_number() {
  using Limits = std::numeric_limits<std::int64_t>;
  return *rc::gen::oneOf(rc::gen::arbitrary<std::int64_t>(),
                         rc::gen::inRange<std::int64_t>(-100, 100),
                         rc::gen::element(Limits::min(), Limits::min() + 1, Limits::max(),
                                          std::int64_t{-1}, std::int64_t{0}));
}

/// Digits with a sign, leading zeros often.
std::string any_integer() {
  const auto digits = *rc::gen::nonEmpty(rc::gen::container<std::string>(
      rc::gen::weightedOneOf<char>({{1, rc::gen::just('0')}, {1, rc::gen::inRange('0', ':')}})));
  return *rc::gen::element(std::string(), std::string("-")) + digits;
}

/// A text of some of the language's words in any order.
std::string any_source() {
  std::vector<std::string> words{"a", "b", "'x'", "''", "7",   "0",  "(",  ")",    ",", "|",
                                 "?", ":", "==",  "!=", "<",   ">=", "..", "+",    "-", "*",
                                 "/", "%", "and", "or", "not", "'",  "é",  "mm/yy"};
  for (const auto& function : kpd::expression::functions())
    words.push_back(std::string(function.name) + "(");
  std::string source;
  for (const std::string& word :
       *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(words)))
    source += word + " ";
  return source;
}

}  // namespace

TEST_CASE("arithmetic gives the exact result or a fault, as 128 bits tell") {
  CHECK(rc::check([] {
    const std::int64_t a = any_number(), b = any_number();
    const char sign = *rc::gen::element('+', '-', '*', '/', '%');
    const kpd_test::Fields fields({{"a", std::to_string(a)}, {"b", std::to_string(b)}});
    const std::string got = outcome(std::string("a ") + sign + " b", fields);
    const auto wanted = exact(a, sign, b);
    const bool fits = wanted && *wanted >= std::numeric_limits<std::int64_t>::min() &&
                      *wanted <= std::numeric_limits<std::int64_t>::max();
    RC_ASSERT(got ==
              (fits      ? written(*wanted)
               : !wanted ? std::string("fault: ") + sign + ": a division by zero (column 3)"
                         : std::string("fault: ") + sign + ": the number is too large (column 3)"));
  }));
}

TEST_CASE("integers of any length have the order of numbers") {
  CHECK(rc::check([] {
    const std::string a = any_integer(), b = any_integer();
    RC_PRE(a.size() < 36 && b.size() < 36);
    const auto value = [](const std::string& text) {
      Wide sum = 0;
      for (char c : text)
        if (c != '-') sum = sum * 10 + (c - '0');
      return text[0] == '-' ? -sum : sum;
    };
    const auto order = kpd::expression::compare_integers(a, b);
    RC_ASSERT((order < 0) == (value(a) < value(b)));
    RC_ASSERT((order == 0) == (value(a) == value(b)));
  }));
}

TEST_CASE("any source compiles or has a mistake in it; any record gives a text or a fault") {
  CHECK(rc::check([] {
    const kpd_test::Fields fields({{"a", *rc::gen::string<std::string>()}, {"b", any_integer()}});
    const std::string source = any_source();
    const auto compiled = kpd::compile_expression(source, fields.scope());
    RC_ASSERT(compiled.expression.has_value() == compiled.mistake.empty());
    if (!compiled.expression) {
      RC_ASSERT(compiled.column >= 1U);
      RC_ASSERT(compiled.column <= kpd::utf8_length(source) + 1);
      return;
    }
    const auto value = compiled.expression->evaluate([&](kpd::FieldId id) { return fields(id); });
    const bool right =
        value ? value->size() <= kpd::Expression::kMaxResult : value.error().code == "expression";
    RC_ASSERT(right);
  }));
}

TEST_CASE("every function takes any texts, and its faults never quote them") {
  CHECK(rc::check([] {
    const auto functions = kpd::expression::functions();
    const auto& function = *rc::gen::elementOf(
        std::vector<kpd::expression::FunctionInfo>(functions.begin(), functions.end()));
    const std::string secret = "SECRET" + *rc::gen::string<std::string>();
    const std::vector<std::string> values{secret, "12", "DDMMYY", "", "3112"};
    std::vector<std::string> arguments;
    const std::size_t count = *rc::gen::inRange<std::size_t>(
        function.least, std::min(function.most, function.least + 3) + 1);
    for (std::size_t i = 0; i < count; ++i) arguments.push_back(*rc::gen::elementOf(values));
    const auto value = function.body(arguments);
    if (!value) RC_ASSERT(value.error().reason.find("SECRET") == std::string::npos);
  }));
}

TEST_CASE("padding, cutting and check digits undo each other") {
  CHECK(rc::check([] {
    const std::string digits =
        *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::inRange('0', ':')));
    const kpd_test::Fields fields({{"s", digits}});
    RC_ASSERT(outcome("right(pad_left(s, len(s) + 3, 'é'), len(s))", fields) == digits);
    RC_ASSERT(outcome("left(pad_right(s, len(s) + 3, 'é'), len(s))", fields) == digits);
    RC_ASSERT(outcome("unhex(hex(s))", fields) == digits);
    RC_ASSERT(outcome("digits(groups(s))", fields) == digits);
    if (digits.size() < 19) RC_ASSERT(emvcrypto::luhn_valid(outcome("luhn(s)", fields)));
  }));
}
