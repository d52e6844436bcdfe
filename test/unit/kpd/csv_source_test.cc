#include <catch2/catch.hpp>
#include <filesystem>

#include "kpd/exit_code.h"
#include "test/unit/kpd/source_rows.h"

namespace {

using namespace kpd_test;

kpd::ExitCode failure(const kpd::SourcePlan& plan) {
  try {
    kpd::open_source(plan);
  } catch (const kpd::Failure& failed) {
    return failed.code();
  }
  return kpd::ExitCode::done;
}

}  // namespace

TEST_CASE("a CSV header names the columns") {
  const auto source = open_text({}, "pan;name\n1;A\n");
  CHECK(source->columns() == Columns{"pan", "name"});
  CHECK(all_rows(*source) == Rows{good(2, {"1", "A"})});
}

TEST_CASE("the job names the columns of a CSV file without a header") {
  kpd::SourcePlan plan;
  plan.columns = {{"pan", "", 0, 0}, {"name", "", 0, 0}};
  plan.header = false;
  const auto source = open_text(plan, "1;A\n2;B\n");
  CHECK(source->columns() == Columns{"pan", "name"});
  CHECK(all_rows(*source) == Rows{good(1, {"1", "A"}), good(2, {"2", "B"})});
  // And where the header's names are not to the job's liking.
  plan.header = true;
  CHECK(rows_of(plan, "a;b\n1;A\n") == Rows{good(2, {"1", "A"})});
}

TEST_CASE("a CSV row of too many or too few columns is a fault of that row") {
  CHECK(rows_of({}, "a;b\n1\n1;2\n1;2;3\n") ==
        Rows{bad(2, "columns"), good(3, {"1", "2"}), bad(4, "columns")});
}

TEST_CASE("a CSV file without a readable header is not read") {
  for (const std::string& text : {std::string(), std::string("\n\n"), std::string("a;\"b\n"),
                                  std::string("a;\xFF\n"), std::string("a\0;b\n", 5)})
    CHECK_THROWS_AS(open_text({}, text), kpd::Failure);
}

TEST_CASE("a source that is not there or cannot be read is an input failure") {
  kpd::SourcePlan plan;
  plan.file = "/nowhere/cards.csv";
  CHECK(failure(plan) == kpd::ExitCode::io);
  plan.file = std::filesystem::temp_directory_path();  // opens, but cannot be read
  CHECK(failure(plan) == kpd::ExitCode::io);
}

TEST_CASE("a CSV file comes in any encoding") {
  kpd::SourcePlan plan;
  plan.encoding = "windows-1251";
  CHECK(rows_of(plan, "name\n\xC0\xCD\xCD\xC0\n") == Rows{good(2, {"АННА"})});
  plan.encoding = "ISO-8859-1";
  CHECK(rows_of(plan, "name\nM\xDCLLER\n") == Rows{good(2, {"MÜLLER"})});
  plan.encoding = "utf-16le";
  CHECK(rows_of(plan, std::string("a\0;\0b\0\r\0\n\0\x10\x04;\0\"\0\n\0\"\0\n\0", 22)) ==
        Rows{good(2, {"А", "\n"})});
}

TEST_CASE("bytes that an encoding does not have are a fault of their row") {
  CHECK(rows_of({}, "name\nM\xDCLLER\nMÜLLER\n\xED\xA0\x80\n") ==
        Rows{bad(2, "encoding"), good(3, {"MÜLLER"}), bad(4, "encoding")});
  kpd::SourcePlan plan;
  plan.encoding = "windows-1252";
  CHECK(rows_of(plan, "name\n\x81\n\x80\n") == Rows{bad(2, "encoding"), good(3, {"€"})});
}
