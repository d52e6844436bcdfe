#include "kpd/source/csv_rows.h"

#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>

#include "kpd/source/limits.h"
#include "test/unit/kpd/source_rows.h"

namespace {

using namespace kpd_test;

Rows rows(const std::string& text, char delimiter = ';', char quote = '"') {
  kpd::Input input("cards.csv", std::make_unique<std::istringstream>(text));
  kpd::CsvRows reader(kpd::LineReader(std::move(input), "utf-8"), delimiter, quote);
  Rows all = all_rows(reader);
  CHECK_FALSE(reader.next().has_value());
  return all;
}

/// One column as RFC 4180 writes it in quotes.
std::string quoted(const std::string& column) {
  std::string text = "\"";
  for (char c : column) text += c == '"' ? "\"\"" : std::string(1, c);
  return text + "\"";
}

}  // namespace

TEST_CASE("a CSV file's rows come with their lines") {
  CHECK(rows("").empty());
  CHECK(rows("a;b\nc;d\n") == Rows{good(1, {"a", "b"}), good(2, {"c", "d"})});
  CHECK(rows("a,b;c\n", ',') == Rows{good(1, {"a", "b;c"})});
  CHECK(rows("a;;b;\n") == Rows{good(1, {"a", "", "b", ""})});
  CHECK(rows(" a ;\tb\n") == Rows{good(1, {" a ", "\tb"})});
}

TEST_CASE("a CSV file may lack its last line end") {
  CHECK(rows("a;b\nc;d") == Rows{good(1, {"a", "b"}), good(2, {"c", "d"})});
  CHECK(rows("a;\"b\"") == Rows{good(1, {"a", "b"})});
}

TEST_CASE("CSV lines end in CR LF or LF") {
  CHECK(rows("a;b\r\nc;d\n\"e\";f\r\n") ==
        Rows{good(1, {"a", "b"}), good(2, {"c", "d"}), good(3, {"e", "f"})});
}

TEST_CASE("empty lines of a CSV file are passed over but counted") {
  CHECK(rows("\n\r\na;b\n\n\nc;d\n\n") == Rows{good(3, {"a", "b"}), good(6, {"c", "d"})});
}

TEST_CASE("quoted CSV columns hold delimiters, quotes and line ends") {
  CHECK(rows("\"a;b\";\"\"\"c\"\"\";\"\"\n") == Rows{good(1, {"a;b", "\"c\"", ""})});
  CHECK(rows("\"\"\n") == Rows{good(1, {""})});
  CHECK(rows("a;\"b\n\nc\"\nd;e\n") == Rows{good(1, {"a", "b\n\nc"}), good(4, {"d", "e"})});
  // Within a column a line end is LF, however the file is written.
  CHECK(rows("a;\"b\r\nc\"\r\nd;e\r\n") == Rows{good(1, {"a", "b\nc"}), good(3, {"d", "e"})});
  // A quote inside a plain column is a character like any other.
  CHECK(rows("a\"b;c\"\n") == Rows{good(1, {"a\"b", "c\""})});
}

TEST_CASE("text behind a closing quote costs its line alone") {
  CHECK(rows("a;\"b\"c\nd;e\n") == Rows{bad(1, "csv-quote"), good(2, {"d", "e"})});
  CHECK(rows("a;\"b\" ;c\nd;e\n") == Rows{bad(1, "csv-quote"), good(2, {"d", "e"})});
}

TEST_CASE("a quote that never closes costs its line alone") {
  CHECK(rows("a;\"b\nc;d\ne;f\n") ==
        Rows{bad(1, "csv-quote"), good(2, {"c", "d"}), good(3, {"e", "f"})});
  CHECK(rows("a;\"b") == Rows{bad(1, "csv-quote")});
  // Quoted columns of the next rows close it in the wrong place.
  CHECK(rows("a;\"b\nc;\"d\"\n\"e\";f\n") ==
        Rows{bad(1, "csv-quote"), good(2, {"c", "d"}), good(3, {"e", "f"})});
  // Two in a row.
  CHECK(rows("a;\"b\nc;\"d\ne;f\n") ==
        Rows{bad(1, "csv-quote"), bad(2, "csv-quote"), good(3, {"e", "f"})});
}

TEST_CASE("a lost quote is found without reading the whole file, and no row is lost") {
  Rows expected{bad(1, "csv-quote")};
  for (std::uint64_t line = 2; line <= 101; ++line) expected.push_back(good(line, {"x", "y"}));
  CHECK(rows("a;\"b\n" + times(100, "x;y\n")) == expected);
}

TEST_CASE("a column may span as many lines as the limit says") {
  const std::string body = times(kpd::kMaxRowLines - 1, "x\n");
  CHECK(rows("\"" + body + "\";b\n") == Rows{good(1, {body, "b"})});
  CHECK(rows("\"" + body + "\n\";b\n").front() == bad(1, "csv-quote"));
}

TEST_CASE("a NUL byte costs its line alone") {
  const std::string nul(1, '\0');
  CHECK(rows("a;b" + nul + "\nc;d\n") == Rows{bad(1, "nul"), good(2, {"c", "d"})});
  CHECK(rows(nul) == Rows{bad(1, "nul")});
}

TEST_CASE("a line that is too long costs itself alone") {
  const std::string longest(kpd::kMaxRecord, 'a');
  CHECK(rows(longest + "\nc;d\n") == Rows{good(1, {longest}), good(2, {"c", "d"})});
  CHECK(rows(longest + "a\nc;d\n") == Rows{bad(1, "record-size"), good(2, {"c", "d"})});
}

TEST_CASE("good rows between a lost quote and a bad line survive") {
  const std::string nul(1, '\0');
  const std::string too_long(kpd::kMaxRecord + 1, 'a');
  CHECK(rows("a;\"b\nc;d\n" + too_long + "\ne;f\n") ==
        Rows{bad(1, "csv-quote"), good(2, {"c", "d"}), bad(3, "record-size"), good(4, {"e", "f"})});
  CHECK(rows("a;\"b\nc;d\n" + nul + "\ne;f\n") ==
        Rows{bad(1, "csv-quote"), good(2, {"c", "d"}), bad(3, "nul"), good(4, {"e", "f"})});
}

TEST_CASE("a byte order mark before a CSV file is no part of it") {
  CHECK(rows("\xEF\xBB\xBF\"a\";b\nc;d\n") == Rows{good(1, {"a", "b"}), good(2, {"c", "d"})});
  CHECK(rows("a\n\xEF\xBB\xBF"
             "b\n") == Rows{good(1, {"a"}), good(2, {"\xEF\xBB\xBF"
                                                     "b"})});
}

TEST_CASE("a CSV file may have another quote character, or none") {
  CHECK(rows("'a;b';\"c'\n", ';', '\'') == Rows{good(1, {"a;b", "\"c'"})});
  CHECK(rows("\"a;b\";'c'\n", ';', '\0') == Rows{good(1, {"\"a", "b\"", "'c'"})});
}

TEST_CASE("what RFC 4180 writes is read back") {
  const auto column = rc::gen::resize(
      6, rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab;\"\n ,\t"))));
  rc::prop("for any columns, delimiter and line end", [&] {
    const auto table = *rc::gen::resize(
        6, rc::gen::container<std::vector<Columns>>(rc::gen::suchThat(
               rc::gen::resize(5, rc::gen::container<Columns>(column)), [](const Columns& columns) {
                 std::size_t ends = 0;
                 for (const auto& one : columns) ends += std::count(one.begin(), one.end(), '\n');
                 return !columns.empty() && ends < kpd::kMaxRowLines;
               })));
    const char delimiter = *rc::gen::element(';', ',', '\t');
    const std::string end = *rc::gen::element<std::string>("\n", "\r\n");
    std::string text;
    Rows expected;
    std::uint64_t line = 1;
    for (const Columns& columns : table) {
      expected.push_back(good(line, columns));
      for (std::size_t i = 0; i < columns.size(); ++i) {
        if (i > 0) text += delimiter;
        for (char c : quoted(columns[i])) text += c == '\n' ? end : std::string(1, c);
        line += static_cast<std::uint64_t>(std::count(columns[i].begin(), columns[i].end(), '\n'));
      }
      text += end;
      ++line;
    }
    RC_ASSERT(rows(text, delimiter) == expected);
  });
}

TEST_CASE("a lost quote anywhere among plain rows costs one row") {
  rc::prop("wherever it stands", [] {
    const auto count = *rc::gen::inRange<std::uint64_t>(1, 60);
    const auto broken = *rc::gen::inRange<std::uint64_t>(1, count + 1);
    std::string text;
    Rows expected;
    for (std::uint64_t line = 1; line <= count; ++line) {
      text += line == broken ? "x;\"y\n" : "x;y\n";
      expected.push_back(line == broken ? bad(line, "csv-quote") : good(line, {"x", "y"}));
    }
    RC_ASSERT(rows(text) == expected);
  });
}
