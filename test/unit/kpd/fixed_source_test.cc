#include <catch2/catch.hpp>

#include "kpd/source/limits.h"
#include "test/unit/kpd/source_rows.h"

namespace {

using namespace kpd_test;

/// Columns a and b, of 3 and 4 characters.
kpd::SourcePlan plan(const std::string& encoding = "utf-8") {
  kpd::SourcePlan plan;
  plan.format = kpd::SourcePlan::Format::fixed;
  plan.encoding = encoding;
  plan.columns = {{"a", "", 0, 3}, {"b", "", 3, 4}};
  plan.line_length = 7;
  return plan;
}

}  // namespace

TEST_CASE("columns of fixed width lose the blanks at their end") {
  CHECK(open_text(plan(), "")->columns() == Columns{"a", "b"});
  CHECK(rows_of(plan(), "1  ABCD\r\n    X  \n       \n") ==
        Rows{good(1, {"1", "ABCD"}), good(2, {"", " X"}), good(3, {"", ""})});
}

TEST_CASE("columns of fixed width stand where the job says, gaps and all") {
  kpd::SourcePlan gaps = plan();
  gaps.columns = {{"late", "", 4, 2}, {"early", "", 0, 1}, {"part", "", 4, 1}};
  gaps.line_length = 8;
  CHECK(rows_of(gaps, "ABCDEFGH\n") == Rows{good(1, {"EF", "A", "E"})});
}

TEST_CASE("a record of fixed width that is longer or shorter is a fault of that record") {
  CHECK(
      rows_of(plan(), "1234567\n123456\n12345678\n\n7654321") ==
      Rows{good(1, {"123", "4567"}), bad(2, "length"), bad(3, "length"), good(5, {"765", "4321"})});
}

TEST_CASE("widths count characters, not bytes") {
  CHECK(rows_of(plan(), "Ü€\xF0\x90\x80\x80ДЖ  \n") == Rows{good(1, {"Ü€\xF0\x90\x80\x80", "ДЖ"})});
  CHECK(rows_of(plan(), "ÜÜÜÜ  \n") == Rows{bad(1, "length")});
  CHECK(rows_of(plan("iso-8859-1"), "\xDC  M\xDCL \n") == Rows{good(1, {"Ü", "MÜL"})});
}

TEST_CASE("records of a mainframe need no line ends") {
  kpd::SourcePlan mainframe = plan("cp037");
  mainframe.line_ends = false;
  CHECK(rows_of(mainframe, "\xF1\x40\x40\xC1\xC2\xC3\xC4\xF2\xF3\x40\xC5\x40\x40\x40\xF4") ==
        Rows{good(1, {"1", "ABCD"}), good(2, {"23", "E"}), bad(3, "length")});
  // With line ends: LF, NEL.
  CHECK(
      rows_of(plan("cp037"), "\xF1\x40\x40\xC1\xC2\xC3\xC4\x25\xF2\xF3\x40\xC5\x40\x40\x40\x15") ==
      Rows{good(1, {"1", "ABCD"}), good(2, {"23", "E"})});
}

TEST_CASE("bytes, NUL and lengths of fixed width are faults of their record") {
  CHECK(rows_of(plan(), std::string("1234\xFF") + "67\n" +
                            std::string("12\0"
                                        "4567\n",
                                        8) +
                            std::string(kpd::kMaxRecord + 1, 'x') + "\n1234567\n") ==
        Rows{bad(1, "encoding"), bad(2, "nul"), bad(3, "record-size"), good(4, {"123", "4567"})});
}
