#include "kpd/expression/expression.h"

#include <catch2/catch.hpp>

#include "test/unit/kpd/expression_test_scope.h"

namespace {

using kpd_test::outcome;

const kpd_test::Fields kFields({{"a", "7"},
                                {"b", "0007"},
                                {"card", "4761739001010119"},
                                {"empty", ""},
                                {"long_pan", "9300000000000000000"},
                                {"name", "Müller/Zoë"},
                                {"word", "abc"},
                                {"zero", "0"}});

using Rows = std::vector<std::pair<std::string, std::string>>;

void check(const Rows& rows) {
  for (const auto& [source, wanted] : rows) {
    CAPTURE(source);
    CHECK(outcome(source, kFields) == wanted);
  }
}

}  // namespace

TEST_CASE("texts, numbers and fields stand for themselves") {
  check({{"'abc'", "abc"},
         {"''", ""},
         {"'it''s'", "it's"},
         {"42", "42"},
         {"0", "0"},
         {"card", "4761739001010119"},
         {" ( ( word ) ) ", "abc"},
         {"empty", ""}});
}

TEST_CASE("arithmetic is that of integers of 64 bits") {
  check({{"1 + 2 * 3", "7"},
         {"(1 + 2) * 3", "9"},
         {"10 - 4 - 3", "3"},
         {"7 / 2", "3"},
         {"-7 / 2", "-3"},
         {"7 % 3", "1"},
         {"-7 % 3", "-1"},
         {"-(2 - 5)", "3"},
         {"- -3", "3"},
         {"a + b", "14"},
         {"b * 1", "7"},
         {"'-5' + 1", "-4"},
         {"9223372036854775806 + 1", "9223372036854775807"},
         {"-9223372036854775807 - a + 6", "fault: -: the number is too large (column 22)"},
         {"(-9223372036854775807 - 1) % -1", "0"},
         {"a * 9223372036854775807", "fault: *: the number is too large (column 3)"},
         {"a / zero", "fault: /: a division by zero (column 3)"},
         {"a % zero", "fault: %: a division by zero (column 3)"},
         {"word + 1", "fault: +: this is no integer of 64 bits (column 6)"},
         {"empty + 1", "fault: +: this is no integer of 64 bits (column 7)"},
         {"long_pan + 0", "fault: +: this is no integer of 64 bits (column 10)"},
         {"-word", "fault: -: this is no integer of 64 bits (column 1)"}});
}

TEST_CASE("texts are equal when they are the same, numbers by their value") {
  const auto [condition, holds] = GENERATE(table<std::string, bool>({
      {"word == 'abc'", true},
      {"word != 'abc'", false},
      {"a == b", false},  // 7 and 0007 are two texts
      {"a != b", true},
      {"b == 7", true},
      {"b == 3 + 4", true},
      {"number(b) == a", true},
      {"word == 7", false},
      {"word != 7", true},
      {"empty == 0", false},
      {"zero == 0", true},
      {"-0 == 0", true},
      {"long_pan == 9223372036854775807", false},
  }));
  CAPTURE(condition);
  CHECK(outcome(condition + " ? 'yes' : 'no'", kFields) == (holds ? "yes" : "no"));
}

TEST_CASE("order is by value among integers of any length, else by bytes") {
  const auto [condition, holds] = GENERATE(table<std::string, bool>({
      {"a < 10", true},
      {"b < 10", true},
      {"a < '10'", true},
      {"a <= b", true},
      {"a < b", false},
      {"a >= b", true},
      {"a > b", false},
      {"long_pan > 95", true},
      {"long_pan > '9223372036854775807'", true},
      {"'-10' < '-9'", true},
      {"'-1' < zero", true},
      {"word < 'abd'", true},
      {"word > 'B'", true},
      {"empty < word", true},
      {"'10' < '9a'", true},
  }));
  CAPTURE(condition);
  CHECK(outcome(condition + " ? 'yes' : 'no'", kFields) == (holds ? "yes" : "no"));
}

TEST_CASE("a number has no order with what is none") {
  check({{"word < 1 ? 'y' : 'n'",
          "fault: <: a number is compared with what is no integer (column 6)"},
         {"1 + 1 >= empty ? 'y' : 'n'",
          "fault: >=: a number is compared with what is no integer (column 7)"}});
}

TEST_CASE("conditions are computed as far as needed") {
  check({{"zero != 0 and a / zero == 1 ? 'y' : 'n'", "n"},
         {"zero == 0 or a / zero == 1 ? 'y' : 'n'", "y"},
         {"zero == 0 and a / zero == 1 ? 'y' : 'n'", "fault: /: a division by zero (column 17)"},
         {"zero == 0 ? 'none' : a / zero", "none"},
         {"not zero == 0 ? 'y' : 'n'", "n"},
         {"not not zero == 0 ? 'y' : 'n'", "y"},
         {"a == '1' or a == '7' and word == 'abc' ? 'y' : 'n'", "y"},
         {"(a == '7' or a == '1') and word == 'x' ? 'y' : 'n'", "n"},
         {"a == '1' ? 'one' : a == '7' ? 'seven' : 'other'", "seven"},
         {"(a == '7' ? word == 'abc' : a == '1') ? 'y' : 'n'", "y"}});
}

TEST_CASE("what binds loosest is the filter, then the choice, tightest the sign") {
  check({{"word .. '-' .. a + 1", "abc-8"},
         {"1 + 1 .. 2 + 2", "24"},
         {"word .. 'x' | upper", "ABCX"},
         {"a == '7' ? word : 'x' | upper", "ABC"},
         {"word .. ('x' | upper)", "abcX"},
         {"card | sub(1, 6) | groups", "4761 73"},
         {"name | part('/', 2) | upper", "ZOë"},
         {"'3112' | mm/yy", "12/31"}});
}

TEST_CASE("mistakes are found with their column before any record") {
  check({{"", "mistake: 1: the expression ends too early"},
         {"1 +", "mistake: 4: the expression ends too early"},
         {"nmae", "mistake: 1: no field or value is called 'nmae'"},
         {"'é' .. nmae", "mistake: 8: no field or value is called 'nmae'"},
         {"uper(word)", "mistake: 1: no function is called 'uper'"},
         {"word | uper", "mistake: 8: no filter is called 'uper'"},
         {"word |", "mistake: 7: a filter's name is missing"},
         {"word | 'x'", "mistake: 8: a filter's name is missing"},
         {"len()", "mistake: 1: len(s) takes 1 argument, not 0"},
         {"sub(word)", "mistake: 1: sub(s, from, count) takes 2 to 3 arguments, not 1"},
         {"coalesce(a)", "mistake: 1: coalesce(a, b, ...) takes 2 or more arguments, not 1"},
         {"word | part('/')", "mistake: 8: part(s, separator, n) takes 3 arguments, not 2"},
         {"word word", "mistake: 6: 'word' cannot stand here"},
         {"(word", "mistake: 6: a ')' is missing"},
         {"upper(word", "mistake: 11: a ')' is missing"},
         {"upper(word,)", "mistake: 12: ')' cannot stand here"},
         {"word)", "mistake: 5: ')' cannot stand here"},
         {"a == b ? 1", "mistake: 11: a ':' is missing"},
         {"'abc", "mistake: 1: a text without its closing quote"},
         {"word = 'x'", "mistake: 6: '=' has no meaning in an expression"},
         {"word .. \"x\"", "mistake: 9: '\"' has no meaning in an expression"},
         {"word é", "mistake: 6: 'é' has no meaning in an expression"},
         {"and", "mistake: 1: 'and' cannot stand here"},
         {"007", "mistake: 1: a number has no leading zeros; write a text: '007'"},
         {"9223372036854775808", "mistake: 1: the number is too large"},
         {"'x' + 1", "mistake: 1: 'x' is no integer of 64 bits"},
         {"1 / 0", "mistake: 3: /: a division by zero"},
         {"9223372036854775807 + 1", "mistake: 21: +: the number is too large"},
         {"pad_left('123', 2, '0')", "mistake: 1: pad_left: the text is longer than 2"},
         {"a < b < a ? 1 : 2",
          "mistake: 7: comparisons do not follow one another; join them with 'and'"}});
}

TEST_CASE("true or false is no text, and a text no condition") {
  check({{"a == b", "mistake: 3: this is true or false, not a text; choose texts with '?' and ':'"},
         {"luhn_ok(card)",
          "mistake: 1: this is true or false, not a text; choose texts with '?' and ':'"},
         {"upper(a == b)", "mistake: 9: this is true or false, but a text belongs here"},
         {"(a == b) .. 'x'", "mistake: 4: this is true or false, but a text belongs here"},
         {"(a == b) + 1", "mistake: 4: this is true or false, but a text belongs here"},
         {"(a == b) == (b == a) ? 1 : 2",
          "mistake: 4: this is true or false, but a text belongs here"},
         {"a ? 1 : 2", "mistake: 1: a condition belongs here: something that is true or false"},
         {"not a ? 1 : 2", "mistake: 5: a condition belongs here: something that is true or false"},
         {"a == b and word ? 1 : 2",
          "mistake: 12: a condition belongs here: something that is true or false"},
         {"a == b ? a == b : 'x'", "mistake: 8: both choices must be texts"}});
}

TEST_CASE("nesting, sources and results have limits") {
  const auto nested = [](int levels) {
    return std::string(static_cast<std::size_t>(levels), '(') + "a" +
           std::string(static_cast<std::size_t>(levels), ')');
  };
  CHECK(outcome(nested(60), kFields) == "7");
  CHECK(outcome(nested(100), kFields) == "mistake: 65: the expression is nested too deeply");
  CHECK_THAT(outcome(std::string(10000, '-') + "a", kFields), Catch::Contains("nested too deeply"));
  std::string sum = "a", chain = "a";
  for (int i = 0; i < 100; ++i) {
    sum += "+a";
    chain += "..a";
  }
  CHECK_THAT(outcome(sum, kFields), Catch::Contains("nested too deeply"));
  CHECK(outcome(chain, kFields) == std::string(101, '7'));  // one step, however long
  CHECK_THAT(outcome(std::string(kpd::Expression::kMaxSource + 1, ' '), kFields),
             Catch::Contains("too long"));
  CHECK(outcome("len(pad_left(a, 65536, ' ') .. empty)", kFields) == "65536");
  CHECK(outcome("len(pad_left(a, 65536, ' ') .. a)", kFields) ==
        "fault: ..: the text is too long (column 29)");
  CHECK(outcome("len(replace(pad_left(a, 65536, '-'), '-', 'xx'))", kFields) ==
        "fault: replace: the text is too long (column 5)");
}

TEST_CASE("an expression tells the fields that it looks at") {
  const auto fields_of = [](const std::string& source) {
    return kpd::compile_expression(source, kFields.scope()).expression->fields();
  };
  CHECK(fields_of("a == b ? upper(word) : a") == std::vector<kpd::FieldId>{0, 1, 6});
  CHECK(fields_of("'x'").empty());
}

TEST_CASE("names of fields are letters, digits and underscores") {
  for (const char* name : {"pan", "_x", "Line4", "A"}) CHECK(kpd::is_expression_name(name));
  for (const char* name : {"", "4th", "a-b", "a.b", "a b", "é", "and", "or", "not"})
    CHECK(!kpd::is_expression_name(name));
}
