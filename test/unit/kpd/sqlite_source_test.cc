#include <catch2/catch.hpp>

#include "kpd/exit_code.h"
#include "kpd/source/limits.h"
#include "test/unit/kpd/source_rows.h"
#include "test/unit/support/sqlite_database.h"

namespace {

using namespace kpd_test;

kpd::SourcePlan plan_of(const SqliteDatabase& database, const std::string& query) {
  kpd::SourcePlan plan;
  plan.format = kpd::SourcePlan::Format::sql;
  plan.connect = database.connect();
  plan.query = query;
  return plan;
}

void check_failure(const kpd::SourcePlan& plan, kpd::ExitCode code, const std::string& text = {}) {
  try {
    const auto source = kpd::open_source(plan);
    while (source->next()) continue;
    FAIL("nothing was thrown");
  } catch (const kpd::Failure& failure) {
    CHECK(failure.code() == code);
    CHECK_THAT(failure.what(), Catch::Contains(text));
  }
}

}  // namespace

TEST_CASE("an SQLite query gives every column as text, NULL as nothing") {
  const SqliteDatabase database(
      "CREATE TABLE cards (id INTEGER, pan TEXT, psn INTEGER, limit_ NUMERIC, rate REAL, name);"
      "INSERT INTO cards VALUES (2, '0047', '01', '00500', 1.5, 'Ü'),"
      "(1, '4761739001010010', NULL, 9223372036854775807, 1e20, x'41'), (3, '', 0, '', NULL, '')",
      "cards of a bank.db");
  const auto source = kpd::open_source(
      plan_of(database, "SELECT name, pan, psn, limit_ AS \"limit\", rate FROM cards ORDER BY id"));
  CHECK(source->columns() == Columns{"name", "pan", "psn", "limit", "rate"});
  CHECK(all_rows(*source) ==
        Rows{good(1, {"A", "4761739001010010", "", "9223372036854775807", "1.0e+20"}),
             good(2, {"Ü", "0047", "1", "500", "1.5"}), good(3, {"", "", "0", "", ""})});
  CHECK_FALSE(source->next());
}

TEST_CASE("an SQLite query without rows is an empty source with columns") {
  const SqliteDatabase database("CREATE TABLE cards (a)");
  const auto source = kpd::open_source(plan_of(database, "SELECT a, 1 AS b FROM cards"));
  CHECK(source->columns() == Columns{"a", "b"});
  CHECK_FALSE(source->next());
}

TEST_CASE("SQLite texts that are none are faults of their record") {
  SqliteDatabase database("CREATE TABLE cards (a)");
  database.run(
      "INSERT INTO cards VALUES (x'FF'), ('1'), (CAST(x'610062' AS TEXT)), (printf('%.*c', " +
      std::to_string(kpd::kMaxRecord + 1) + ", 'x')), ('2')");
  CHECK(all_rows(*kpd::open_source(plan_of(database, "SELECT a FROM cards"))) ==
        Rows{bad(1, "encoding"), good(2, {"1"}), bad(3, "nul"), bad(4, "record-size"),
             good(5, {"2"})});
}

TEST_CASE("an SQLite database is opened for reading alone") {
  const SqliteDatabase database("CREATE TABLE cards (a)");
  check_failure(plan_of(database, "INSERT INTO cards VALUES (1) RETURNING a"), kpd::ExitCode::io,
                "readonly");
}

TEST_CASE("a query that SQLite refuses says so") {
  const SqliteDatabase database(
      "CREATE TABLE cards (a); INSERT INTO cards VALUES (-9223372036854775807 - 1)");
  check_failure(plan_of(database, "SELECT b FROM cards"), kpd::ExitCode::usage,
                "no such column: b");
  check_failure(plan_of(database, "SELECT a FROM card"), kpd::ExitCode::usage,
                "no such table: card");
  check_failure(plan_of(database, "SELEKT"), kpd::ExitCode::usage, "syntax");
  check_failure(plan_of(database, "SELECT abs(a) FROM cards"), kpd::ExitCode::usage, "overflow");
  check_failure(plan_of(database, "SELECT a FROM cards WHERE a = :b"), kpd::ExitCode::usage);
}

TEST_CASE("an SQLite file that is none or not there says so") {
  SqliteDatabase database("CREATE TABLE cards (a)");
  kpd::SourcePlan plan = plan_of(database, "SELECT a FROM cards");
  plan.connect += "x";
  check_failure(plan, kpd::ExitCode::io, "cannot be opened");
  plan.connect = "sqlite3://" + database.file().parent_path().string();
  check_failure(plan, kpd::ExitCode::io);
  const TempFolder folder;
  plan.connect =
      "sqlite3://" + folder.write("cards.db", times(100, "no database at all ")).string();
  check_failure(plan, kpd::ExitCode::io, "not a database");
}

TEST_CASE("an SQLite database that another program keeps locked says so after a while") {
  SqliteDatabase database("CREATE TABLE cards (a)");
  database.run("BEGIN EXCLUSIVE");
  check_failure(plan_of(database, "SELECT a FROM cards"), kpd::ExitCode::away, "locked");
  database.run("COMMIT");
}

TEST_CASE("an SQLite query streams its rows") {
  SqliteDatabase database(
      "CREATE TABLE cards (a); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
      "FROM n WHERE i < 100000) INSERT INTO cards SELECT printf('%0100d', i) FROM n");
  const auto source = kpd::open_source(plan_of(database, "SELECT a FROM cards"));
  std::uint64_t count = 0;
  while (auto row = source->next()) {
    ++count;
    REQUIRE(row->line == count);
  }
  CHECK(count == 100000);
}
