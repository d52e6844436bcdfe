// Every function of the expressions, and the page that describes them.
#include <catch2/catch.hpp>
#include <fstream>
#include <set>

#include "kpd/expression/functions.h"
#include "kpd/plan/text_template.h"
#include "test/unit/kpd/expression_test_scope.h"

namespace {

using kpd::expression::FunctionInfo;
using kpd::expression::ValueType;
using kpd_test::outcome;

const kpd_test::Fields kNoFields({});
const kpd_test::Fields kFields({{"empty", ""}, {"name", "Müller/Zoë"}, {"s", "abc"}, {"x", "x"}});

/// A condition as a text.
std::string as_text(const std::string& source, ValueType type) {
  return type == ValueType::flag ? "(" + source + ") ? 'true' : 'false'" : source;
}

/// Lines of the page that begin so.
std::vector<std::string> page_lines(const std::string& start) {
  std::ifstream page(KPD_SOURCE_DIR "/docs/expressions.md");
  std::vector<std::string> found;
  for (std::string line; std::getline(page, line);)
    if (line.starts_with(start)) found.push_back(line);
  return found;
}

/// The texts between backquotes of a line of a table.
std::vector<std::string> quoted(const std::string& line) {
  std::vector<std::string> texts;
  for (std::size_t at = line.find('`'); at != line.npos; at = line.find('`', at)) {
    const std::size_t end = line.find('`', at + 1);
    texts.push_back(line.substr(at + 1, end - at - 1));
    for (std::size_t bar; (bar = texts.back().find("\\|")) != line.npos;)
      texts.back().erase(bar, 1);
    at = end + 1;
  }
  return texts;
}

}  // namespace

TEST_CASE("each function's example gives what its description says") {
  std::set<std::string_view> names;
  for (const FunctionInfo& function : kpd::expression::functions()) {
    CAPTURE(function.name);
    CHECK(outcome(as_text(std::string(function.example), function.type), kNoFields) ==
          function.expected);
    CHECK(function.signature.starts_with(std::string(function.name) + "("));
    CHECK(std::string_view(function.example).starts_with(std::string(function.name) + "("));
    CHECK(names.insert(function.name).second);
    CHECK(kpd::expression::find_function(function.name) == &function);
  }
  CHECK(kpd::expression::find_function("no_such") == nullptr);
}

TEST_CASE("the page on expressions lists the functions as they are") {
  std::vector<std::string> rows;
  for (const FunctionInfo& function : kpd::expression::functions())
    rows.push_back("| `" + std::string(function.signature) + "` | " + std::string(function.title) +
                   " | `" + std::string(function.example) + "` | `" +
                   std::string(function.expected) + "` |");
  std::vector<std::string> listed;
  for (const std::string& line : page_lines("| `"))
    if (quoted(line).size() == 3 && quoted(line)[0].ends_with(")") &&
        quoted(line)[0].find('?') == line.npos)
      listed.push_back(line);
  CHECK(listed == rows);
}

TEST_CASE("the conversions that the page shows give what it says") {
  const kpd_test::Fields record({{"amount", "001500"},
                                 {"born", "31.12.1985"},
                                 {"expiry", "2911"},
                                 {"limit", "1500,50"},
                                 {"name", "PETROVA/OLGA ANNA"},
                                 {"pan", "4761739001010119"},
                                 {"psn", ""},
                                 {"service_code", "201"},
                                 {"tier", "GOLD"}});
  std::size_t count = 0;
  for (const std::string& line : page_lines("| ")) {
    const auto texts = quoted(line);
    if (texts.size() != 2 || !texts[0].starts_with("{")) continue;
    CAPTURE(line);
    const auto compiled = kpd::compile_text(texts[0], record.scope());
    CHECK(compiled.mistake == "");
    CHECK(kpd::expand(compiled.text, [&](kpd::FieldId id) { return record(id); }) == texts[1]);
    ++count;
  }
  CHECK(count >= 10);
}

TEST_CASE("functions on their borders") {
  const auto [source, wanted] = GENERATE(table<std::string, std::string>({
      {"upper(name)", "MüLLER/ZOë"},  // ASCII alone
      {"trim('')", ""},
      {"trim('   ')", ""},
      {"squeeze('   ')", ""},
      {"squeeze(' a \t b ')", "a b"},
      {"len(name)", "10"},
      {"len(empty)", "0"},
      {"sub(name, 2, 1)", "ü"},
      {"sub(name, 8)", "Zoë"},
      {"sub(s, 4)", ""},
      {"sub(s, 3, 99)", "c"},
      {"sub(s, 1, 0)", ""},
      {"left(name, 2)", "Mü"},
      {"right(name, 2)", "oë"},
      {"right(s, 99)", "abc"},
      {"left(s, 0)", ""},
      {"pad_left(s, 3, ' ')", "abc"},
      {"pad_right('é', 3, 'é')", "ééé"},
      {"pad_left(empty, 2, '0')", "00"},
      {"overlay(name, 2, 'UE')", "MUEler/Zoë"},
      {"overlay(s, 3, 'x')", "abx"},
      {"overlay(s, 1, empty)", "abc"},
      {"replace('aaa', 'a', 'aa')", "aaaaaa"},
      {"replace('aXbX', 'X', '')", "ab"},
      {"part(s, '/', 1)", "abc"},
      {"part(s, '/', 2)", ""},
      {"part('a//c', '/', 2)", ""},
      {"part('a//c', '/', 3)", "c"},
      {"join(', ', empty, empty)", ""},
      {"coalesce(empty, empty)", ""},
      {"lookup(s, 'abc', '1')", "1"},
      {"lookup(s, 'x', '1', 'y', '2', 'z')", "z"},
      {"starts_with(s, empty) ? 1 : 0", "1"},
      {"one_of(empty, 'a', '') ? 1 : 0", "1"},
      {"digits(name)", ""},
      {"is_digits(empty) ? 1 : 0", "0"},
      {"groups('Müller/Zoë')", "Müll er/Z oë"},
      {"last4('ë')", "ë"},
      {"luhn_ok(empty) ? 1 : 0", "0"},
      {"luhn('0')", "00"},
      {"hex(name)", "4DC3BC6C6C65722F5A6FC3AB"},
      {"unhex('4dC3bC')", "Mü"},
      {"unhex(empty)", ""},
      {"date(empty, 'DDMMYY', 'YYMMDD')", ""},
      {"date('29022028', 'DDMMYYYY', 'YYMMDD')", "280229"},
      {"date('31/12', 'YY/MM', 'MMYY')", "1231"},
      {"date('311230', 'YYMMDD', 'DD-MM-YYYY')", "30-12-2031"},
      {"date('1985.12', 'YYYY.MM', 'MM YYYY')", "12 1985"},
      {"end_of_month('0002')", "000229"},
      {"add_months('2612', 1)", "2701"},
      {"add_months('2601', -1)", "2512"},
      {"add_months('9912', 0)", "9912"},
      {"add_months(empty, 5)", ""},
      {"number('-00')", "0"},
      {"min('-5', 3)", "-5"},
      {"max('007', 6)", "7"},
      {"to_minor('12', 2)", "1200"},
      {"to_minor('-0,5', 2)", "-50"},
      {"to_minor('12.340', 2)", "1234"},
      {"to_minor('12.', 2)", "1200"},
      {"to_minor('12.00', 0)", "12"},
      {"from_minor('5', 2)", "0.05"},
      {"from_minor('-5', 2)", "-0.05"},
      {"from_minor('-1234', 3)", "-1.234"},
      {"from_minor('0012', 0)", "12"},
  }));
  CAPTURE(source);
  CHECK(outcome(source, kFields) == wanted);
}

TEST_CASE("functions refuse what they cannot take") {
  // x: the field's text, so that it is found with the record and not before.
  const auto [field, source, reason] = GENERATE(table<std::string, std::string, std::string>({
      {"0", "sub('abc', x)", "the place is no integer of 1 to 65536"},
      {"-1", "left('abc', x)", "the count is no integer of 0 to 65536"},
      {"1.5", "right('abc', x)", "the count is no integer of 0 to 65536"},
      {"65537", "pad_left('abc', x, '0')", "the width is no integer of 0 to 65536"},
      {"00", "pad_left('abc', 9, x)", "the fill is not one character"},
      {"", "pad_right('abc', 9, x)", "the fill is not one character"},
      {"abcd", "pad_left(x, 3, '0')", "the text is longer than 3"},
      {"ab", "overlay(x, 2, 'yz')", "the text ends before the place that is to change"},
      {"", "replace('abc', x, '')", "what is looked for is empty"},
      {"", "contains('abc', x) ? 1 : 0", "what is looked for is empty"},
      {"", "part('abc', x, 1)", "what is looked for is empty"},
      {"0", "part('abc', '/', x)", "the part's number is no integer from 1 on"},
      {std::string(257, 'x'), "contains('abc', x) ? 1 : 0",
       "what is looked for is longer than 256 bytes"},
      {"C", "lookup(x, 'A', '1', 'B', '2')", "the text is none of those listed"},
      {"47A", "mask(x)", "only digits can be masked"},
      {"", "luhn(x)", "a check digit needs digits before it"},
      {"4A", "luhn(x)", "a check digit needs digits before it"},
      {"4", "unhex(x)", "this is not hexadecimal"},
      {"FF", "unhex(x)", "the bytes are no text"},
      {"0A", "unhex(x)", "the bytes are no text"},
      {"300226", "date(x, 'DDMMYY', 'YYMMDD')", "this is no date DDMMYY"},
      {"290227", "date(x, 'DDMMYY', 'YYMMDD')", "this is no date DDMMYY"},
      {"1302", "date(x, 'MMYY', 'YYMM')", "this is no date MMYY"},
      {"0102031", "date(x, 'DDMMYY', 'YYMMDD')", "this is no date DDMMYY"},
      {"01022", "date(x, 'DDMMYY', 'YYMMDD')", "this is no date DDMMYY"},
      {"01-02.26", "date(x, 'DD-MM-YY', 'YYMMDD')", "this is no date DD-MM-YY"},
      {"-10226", "date(x, 'DDMMYY', 'YYMMDD')", "this is no date DDMMYY"},
      {"00000101", "date(x, 'YYYYMMDD', 'DDMMYYYY')", "this is no date YYYYMMDD"},
      {"19851231", "date(x, 'YYYYMMDD', 'YYMMDD')", "two digits are a year of 2000 to 2099"},
      {"3113", "mm_yy(x)", "this is no month YYMM"},
      {"311", "mm_yy(x)", "this is no month YYMM"},
      {"2800", "end_of_month(x)", "this is no month YYMM"},
      {"2813", "add_months(x, 1)", "this is no month YYMM"},
      {"9912", "add_months(x, 1)", "the month is not within 2000 to 2099"},
      {"0001", "add_months(x, -1)", "the month is not within 2000 to 2099"},
      {"1201", "add_months('2612', x)", "the number of months is no integer of -1200 to 1200"},
      {"12a", "number(x)", "this is no integer of 64 bits"},
      {"9223372036854775808", "number(x)", "this is no integer of 64 bits"},
      {"", "min(x, 1)", "this is no integer of 64 bits"},
      {"1,234.50", "to_minor(x, 2)", "this is no amount"},
      {"1.-5", "to_minor(x, 2)", "this is no amount"},
      {".5", "to_minor(x, 2)", "this is no amount"},
      {"", "to_minor(x, 2)", "this is no amount"},
      {"1.005", "to_minor(x, 2)", "the amount has too many decimal places"},
      {"99999999999999999999", "to_minor(x, 2)", "the number is too large"},
      {"10", "to_minor('1', x)", "the number of places is no integer of 0 to 9"},
      {"1.5", "from_minor(x, 2)", "this is no integer of 64 bits"},
  }));
  CAPTURE(field, source);
  const kpd_test::Fields fields({{"x", field}});
  const std::string name = source.substr(0, source.find('('));
  CHECK(outcome(source, fields) == "fault: " + name + ": " + reason + " (column 1)");
}

TEST_CASE("what is wrong with patterns and lists is a mistake before any record") {
  const auto [source, mistake] = GENERATE(table<std::string, std::string>({
      {"date(x, 'DDMMYY', 'YYYYDDD')", "date's pattern has DD, MM, YY or YYYY once each"},
      {"date(x, 'DDMMMM', 'YYMM')", "date's pattern has DD, MM, YY or YYYY once each"},
      {"date(x, 'DDMM', 'MM')", "a date has a month and a year"},
      {"date(x, 'DDYY', 'YY')", "a date has a month and a year"},
      {"date(x, 'MMYY', 'YYMMDD')", "the day is not in the first pattern"},
      {"date(x, 'MMYY', '')", "the second pattern is empty"},
      {"date(x, s, 'YYMM')", "a date's patterns are texts"},
      {"lookup(x, 'A', '1', 'B', '2', 'A', '3')", "'A' stands here twice"},
  }));
  CAPTURE(source);
  CHECK_THAT(outcome(source, kFields),
             Catch::StartsWith("mistake: 1: ") && Catch::Contains(mistake));
}
