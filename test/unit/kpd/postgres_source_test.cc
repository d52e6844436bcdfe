#include <catch2/catch.hpp>
#include <cstdlib>

#include "kpd/exit_code.h"
#include "kpd/source/limits.h"
#include "test/unit/kpd/source_rows.h"
#include "test/unit/support/postgres_server.h"

namespace {

using namespace kpd_test;

kpd::SourcePlan plan_of(const std::string& connect, const std::string& query) {
  kpd::SourcePlan plan;
  plan.format = kpd::SourcePlan::Format::sql;
  plan.connect = connect;
  plan.query = query;
  return plan;
}

/// How reading such a source to its end fails.
std::string failure(const kpd::SourcePlan& plan, kpd::ExitCode code) {
  try {
    const auto source = kpd::open_source(plan);
    while (source->next()) continue;
  } catch (const kpd::Failure& failed) {
    CHECK(failed.code() == code);
    return failed.what();
  }
  return "nothing was thrown";
}

}  // namespace

TEST_CASE("a PostgreSQL query gives every column as text, NULL as nothing") {
  PostgresServer server;
  const auto query = [&](const std::string& text) { return plan_of(server.connect(), text); };

  server.run(
      "CREATE TABLE cards (id int, pan text, psn smallint, big numeric, day date, raw bytea, "
      "good bool); INSERT INTO cards VALUES (2, 'Ü', 1, 123456789012345678901234567890.10, "
      "'2026-11-22', '\\x4a', true), (1, '', NULL, NULL, NULL, NULL, false)");
  const auto source = kpd::open_source(query("SELECT * FROM cards ORDER BY id"));
  CHECK(source->columns() == Columns{"id", "pan", "psn", "big", "day", "raw", "good"});
  CHECK(all_rows(*source) == Rows{good(1, {"1", "", "", "", "", "", "f"}),
                                  good(2, {"2", "Ü", "1", "123456789012345678901234567890.10",
                                           "2026-11-22", "\\x4a", "t"})});
  CHECK_FALSE(source->next());
  CHECK(kpd::open_source(query("SELECT 1 AS one WHERE false"))->columns() == Columns{"one"});

  SECTION("in portions, in order, with one snapshot") {
    const auto rows =
        kpd::open_source(query("WITH n AS (SELECT generate_series(1, 3000) AS i) "
                               "SELECT 'x:' || i::text FROM n ORDER BY i"));
    for (std::uint64_t i = 1; i <= 3000; ++i) {
      const auto row = rows->next();
      REQUIRE((row && row->line == i && row->columns));
      REQUIRE(row->columns->front() == "x:" + std::to_string(i));
    }
    CHECK_FALSE(rows->next());
    CHECK_FALSE(rows->next());
  }
  SECTION("texts that are none or too long are faults of their record") {
    CHECK(all_rows(*kpd::open_source(
              query("SELECT repeat('x', n) FROM (VALUES (1048577), (1)) AS t(n)"))) ==
          Rows{bad(1, "record-size"), good(2, {"x"})});
  }
}

TEST_CASE("a PostgreSQL query can only read") {
  PostgresServer server;
  server.run("CREATE TABLE cards (pan text); INSERT INTO cards VALUES ('4761739001010010')");
  const auto refused = [&](const std::string& query) {
    return failure(plan_of(server.connect(), query), kpd::ExitCode::usage);
  };
  CHECK_THAT(refused("SELECT pann FROM cards"), Catch::Contains("column \"pann\" does not exist"));
  CHECK_THAT(refused("SELECT * FROM card"), Catch::Contains("relation \"card\" does not exist"));
  CHECK_THAT(refused("SELECT FROM cards"), Catch::Contains("no columns"));
  CHECK_THAT(refused("DELETE FROM cards RETURNING pan"), Catch::Contains("syntax error"));
  CHECK_THAT(refused("SELECT 1; DROP TABLE cards"), Catch::Contains("multiple commands"));
  CHECK_THAT(refused("WITH gone AS (DELETE FROM cards RETURNING pan) SELECT * FROM gone"),
             Catch::Contains("SQLSTATE 0A000"));
  CHECK_THAT(refused("SELECT * FROM cards WHERE pan = :pan"), Catch::Contains("refuses"));
  // What the server says of data stays with the server.
  const std::string message = refused("SELECT pan::int FROM cards");
  CHECK_THAT(message, Catch::Contains("SQLSTATE 22003"));
  CHECK_THAT(message, !Catch::Contains("4761"));
  server.run("CREATE FUNCTION wipe() RETURNS int LANGUAGE sql AS 'DELETE FROM cards; SELECT 1'");
  CHECK_THAT(refused("SELECT wipe()"), Catch::Contains("SQLSTATE 25006"));
  CHECK(all_rows(*kpd::open_source(plan_of(server.connect(), "SELECT count(*) FROM cards"))) ==
        Rows{good(1, {"1"})});
}

TEST_CASE("a PostgreSQL server that is not there or goes away says what to do") {
  PostgresServer server;
  const kpd::SourcePlan plan =
      plan_of(server.connect(), "SELECT repeat('x', 1000) FROM generate_series(1, 100000) AS n");
  CHECK_THAT(failure(plan_of(server.connect() + "x", plan.query), kpd::ExitCode::away),
             Catch::Contains("database 'cardsx': no connection"));

  const auto source = kpd::open_source(plan);
  for (int i = 0; i < 1500; ++i) REQUIRE(source->next());
  server.stop();
  try {
    while (source->next()) continue;
    FAIL("nothing was thrown");
  } catch (const kpd::Failure& failed) {
    CHECK(failed.code() == kpd::ExitCode::away);
    CHECK_THAT(failed.what(), Catch::Contains("went away") && Catch::Contains("start again"));
  }
  CHECK_FALSE(source->next());

  CHECK_THAT(failure(plan, kpd::ExitCode::away),
             Catch::Contains("database 'cards': no connection") && Catch::Contains("pgpass"));
}
