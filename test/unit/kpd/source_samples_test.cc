// One batch in every format of a back office.
#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "test/unit/kpd/source_rows.h"
#include "test/unit/support/sqlite_database.h"

namespace {

using namespace kpd_test;
using Format = kpd::SourcePlan::Format;

const std::vector<std::pair<std::string, std::size_t>> kWidths{
    {"record_id", 8},    {"product", 12},     {"client_id", 10},   {"pan", 19},
    {"psn", 2},          {"effective", 6},    {"expiry", 4},       {"name", 40},
    {"service_code", 3}, {"country", 3},      {"currency", 3},     {"language", 2},
    {"pin_block", 16},   {"limit_lower", 12}, {"limit_upper", 12}, {"issue", 2},
    {"branch", 6},       {"emboss_line4", 27}};

/// The columns of every record, and the count of records that are faults.
std::vector<Columns> all(const kpd::SourcePlan& plan) {
  std::vector<Columns> rows;
  const auto source = kpd::open_source(plan);
  Columns names;
  for (const auto& [name, width] : kWidths) names.push_back(name);
  CHECK(source->columns() == names);
  while (auto row = source->next()) {
    REQUIRE(row->columns);
    rows.push_back(*row->columns);
  }
  return rows;
}

kpd::SourcePlan plan(Format format, const std::string& file) {
  kpd::SourcePlan plan;
  plan.format = format;
  plan.file = std::string(KPD_SOURCE_DIR) + "/" + file;
  if (format == Format::csv) return plan;
  for (const auto& [name, width] : kWidths) {
    plan.columns.push_back({name, name, plan.line_length, width});
    plan.line_length += width;
  }
  return plan;
}

std::vector<Columns> csv_rows() {
  return all(plan(Format::csv, "examples/starter/data/cards.csv"));
}

}  // namespace

TEST_CASE("the same batch in CSV, fixed width and XML gives the same records") {
  const auto csv = csv_rows();
  CHECK(csv.size() == 500);
  kpd::SourcePlan fixed = plan(Format::fixed, "test/samples/cards.fixed");
  fixed.encoding = "iso-8859-1";
  CHECK(all(fixed) == csv);
  kpd::SourcePlan xml = plan(Format::xml, "test/samples/cards.xml");
  xml.encoding = "";
  xml.record = "card";
  CHECK(all(xml) == csv);
}

TEST_CASE("the same batch in JSON lines gives the same records") {
  const auto csv = csv_rows();
  std::string text;
  for (const Columns& row : csv) {
    nlohmann::json record;
    for (std::size_t i = 0; i < row.size(); ++i) record[kWidths[i].first] = row[i];
    text += record.dump() + "\n";
  }
  kpd::SourcePlan jsonl = plan(Format::jsonl, "cards.jsonl");
  const Rows rows = rows_of(jsonl, text);
  REQUIRE(rows.size() == csv.size());
  for (std::size_t i = 0; i < rows.size(); ++i) CHECK(rows[i] == good(i + 1, csv[i]));
}

TEST_CASE("the same batch in SQLite gives the same records") {
  const auto csv = csv_rows();
  Columns names;
  for (const auto& [name, width] : kWidths) names.push_back(name);
  SqliteDatabase database("");
  database.load(names, csv);
  kpd::SourcePlan sql;
  sql.format = Format::sql;
  sql.connect = database.connect();
  sql.query = "SELECT * FROM cards ORDER BY record_id";
  CHECK(all(sql) == csv);
}
