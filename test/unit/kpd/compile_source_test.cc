#include "kpd/plan/compile_source.h"

#include <catch2/catch.hpp>
#include <fstream>

namespace {

using Format = kpd::SourcePlan::Format;

kpd::YamlMap source(const std::string& yaml) {
  kpd::YamlMap job = kpd::parse_yaml("kind: job\nsource: " + yaml + "\n", "job.yaml", "job");
  return job.need("source").map();
}

kpd::SourcePlan compiled(const std::string& yaml) {
  kpd::YamlMap map = source(yaml);
  const kpd::SourcePlan plan = kpd::compile_source(
      map, [](const std::string& file) { return std::filesystem::path("/bank") / file; });
  map.finish();
  return plan;
}

/// What is wrong with it, with its place.
std::string mistake(const std::string& yaml) {
  try {
    compiled(yaml);
  } catch (const kpd::ConfigError& error) {
    CHECK_THAT(error.what(), Catch::StartsWith("job.yaml:2:"));
    return error.what();
  }
  return "no mistake";
}

std::vector<std::string> names(const kpd::SourcePlan& plan) {
  std::vector<std::string> all;
  for (const auto& column : plan.columns) all.push_back(column.name);
  return all;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a CSV source says as much as it must") {
  const auto plain = compiled("{format: csv, file: cards.csv}");
  CHECK(plain.format == Format::csv);
  CHECK(plain.file == "/bank/cards.csv");
  CHECK(plain.delimiter == ';');
  CHECK(plain.quote == '"');
  CHECK(plain.encoding == "UTF-8");
  CHECK(plain.header);
  CHECK(plain.columns.empty());
  const auto all = compiled(R"({format: csv, file: c, delimiter: "\t", quote: "'",
                                encoding: windows-1251, columns: [a, b]})");
  CHECK(all.delimiter == '\t');
  CHECK(all.quote == '\'');
  CHECK(all.encoding == "windows-1251");
  CHECK(names(all) == Names{"a", "b"});
  CHECK_FALSE(all.header);
  CHECK(compiled("{format: csv, file: c, columns: [a], header: true}").header);
  CHECK(compiled("{format: csv, file: c, quote: none}").quote == '\0');
}

TEST_CASE("columns of fixed width follow each other unless the job says where they stand") {
  const auto plan = compiled(
      "{format: fixed, file: c, encoding: cp037, line_ends: false, line_length: 40, "
      "columns: {a: 8, b: {length: 2}, c: {at: 21, length: 5}, d: 4}}");
  CHECK(names(plan) == Names{"a", "b", "c", "d"});
  const std::vector<std::pair<std::size_t, std::size_t>> places{{0, 8}, {8, 2}, {20, 5}, {25, 4}};
  for (std::size_t i = 0; i < places.size(); ++i) {
    CHECK(plan.columns[i].at == places[i].first);
    CHECK(plan.columns[i].size == places[i].second);
  }
  CHECK(plan.line_length == 40);
  CHECK_FALSE(plan.line_ends);
  const auto plain = compiled("{format: fixed, file: c, columns: {a: {at: 5, length: 1}, b: 2}}");
  CHECK(plain.line_length == 7);
  CHECK(plain.line_ends);
}

TEST_CASE("columns of XML and JSON lines have paths") {
  const auto xml = compiled("{format: xml, file: c, record: card, columns: {name: holder/name}}");
  CHECK(xml.record == "card");
  CHECK(xml.encoding.empty());
  CHECK(xml.columns.front().path == "holder/name");
  const auto jsonl = compiled("{format: jsonl, file: c, columns: {name: holder.name}}");
  CHECK(jsonl.columns.front().path == "holder.name");
}

TEST_CASE("a database is named by its file or its connection") {
  const auto sqlite = compiled(
      R"({format: sql, connect: "sqlite3://data/cards.db", query: "SELECT * FROM cards ;\n"})");
  CHECK(sqlite.connect == "sqlite3:///bank/data/cards.db");
  CHECK(sqlite.query == "SELECT * FROM cards");
  const auto postgres = compiled(
      R"({format: sql, connect: "postgresql://service=bank dbname='my cards'",
          query: "with c as (select 1) select * from c"})");
  CHECK(postgres.connect == "postgresql://service=bank dbname='my cards'");
}

TEST_CASE("a source that cannot be is a mistake with its place") {
  const auto wrong = [](const std::string& yaml, const std::string& text) {
    CHECK_THAT(mistake("{" + yaml + "}"), Catch::Contains(text));
  };
  wrong("format: excel, file: c", "excel");
  wrong("format: csv", "file");
  wrong("format: csv, file: c, delimitr: ','", "delimitr");
  wrong("format: csv, file: c, record: card", "record");
  wrong("format: csv, file: c, delimiter: ',,'", "one character");
  wrong("format: csv, file: c, delimiter: ''", "one character");
  wrong("format: csv, file: c, delimiter: '§'", "one character");
  wrong("format: csv, file: c, delimiter: \"\\n\"", "one character");
  wrong("format: csv, file: c, delimiter: '\"'", "delimiter");
  wrong("format: csv, file: c, encoding: latin-99", "latin-99");
  wrong("format: csv, file: c, encoding: 'utf-8//IGNORE'", "no encoding");
  wrong("format: csv, file: c, columns: [a, a]", "'a' stands there twice");
  wrong("format: csv, file: c, columns: ['']", "name");
  wrong("format: csv, file: c, columns: []", "columns");
  wrong("format: csv, file: c, header: false", "columns");
  wrong("format: fixed, file: c", "columns");
  wrong("format: fixed, file: c, columns: {}", "columns");
  wrong("format: fixed, file: c, columns: {a: 0}", "0");
  wrong("format: fixed, file: c, columns: {a: {at: 0, length: 1}}", "0");
  wrong("format: fixed, file: c, columns: {a: {at: 1}}", "length");
  wrong("format: fixed, file: c, columns: {a: {at: 1, length: 1, size: 1}}", "size");
  wrong("format: fixed, file: c, columns: {a: 1000000, b: 1000000}", "characters at most");
  wrong("format: fixed, file: c, columns: {a: 8}, line_length: 7", "columns end at 8");
  wrong("format: fixed, file: c, columns: {a: 8}, line_ends: false", "encoding");
  wrong("format: fixed, file: c, columns: {a: 8}, line_ends: false, encoding: utf8", "encoding");
  wrong("format: fixed, file: c, columns: {a: 8}, line_ends: false, encoding: gbk", "encoding");
  wrong("format: xml, file: c", "record");
  wrong("format: xml, file: c, record: cards/card", "one element");
  wrong("format: xml, file: c, record: b:card", "one element");
  wrong("format: xml, file: c, record: card, columns: {a: ''}", "path");
  wrong("format: jsonl, file: c, columns: {}", "one column");
  wrong("format: sql, connect: 'sqlite3://c'", "query");
  wrong("format: sql, connect: 'sqlite3://', query: SELECT 1", "file");
  wrong("format: sql, connect: 'mysql://c', query: SELECT 1", "sqlite3://FILE");
  wrong("format: sql, connect: 'sqlite3://c', query: SELECT 1, file: c", "file");
  wrong("format: sql, connect: 'sqlite3://c', query: DELETE FROM c", "SELECT");
  wrong("format: sql, connect: 'sqlite3://c', query: 'SELECT 1; DROP TABLE c'", "one statement");
  wrong("format: sql, connect: 'postgresql://host', query: SELECT 1", "key=value");
  wrong("format: sql, connect: 'postgresql://host=a host=b', query: SELECT 1", "twice");
  wrong("format: sql, connect: \"postgresql://host='a\", query: SELECT 1", "quote");
}

TEST_CASE("a password in a connection is refused and never repeated") {
  for (const char* connect :
       {"user=kpd password=S3cret", "password = 'S3cret'", "sslpassword=S3cret host=db",
        "kpd:S3cret@db/cards", "dbname=postgres://kpd:S3cret@db/cards"}) {
    const std::string text = mistake("{format: sql, query: SELECT 1, connect: \"postgresql://" +
                                     std::string(connect) + "\"}");
    CHECK_THAT(text, Catch::Contains("password") || Catch::Contains("key=value") ||
                         Catch::Contains("address"));
    CHECK_THAT(text, !Catch::Contains("S3cret"));
  }
}

TEST_CASE("fields find their columns as far as the job knows them") {
  auto csv = compiled("{format: csv, file: c}");
  CHECK(kpd::want_column(csv, "pan"));
  CHECK(csv.columns.empty());
  auto listed = compiled("{format: csv, file: c, columns: [pan]}");
  CHECK(kpd::want_column(listed, "pan"));
  CHECK_FALSE(kpd::want_column(listed, "psn"));
  auto xml = compiled("{format: xml, file: c, record: card}");
  CHECK(kpd::want_column(xml, "holder/name"));
  CHECK(kpd::want_column(xml, "holder/name"));
  CHECK(names(xml) == Names{"holder/name"});
  CHECK(xml.columns.front().path == "holder/name");
  auto mapped = compiled("{format: jsonl, file: c, columns: {pan: card.pan}}");
  CHECK(kpd::want_column(mapped, "pan"));
  CHECK_FALSE(kpd::want_column(mapped, "psn"));
  auto sql = compiled("{format: sql, connect: 'sqlite3://c', query: SELECT 1}");
  CHECK(kpd::want_column(sql, "pan"));
}

TEST_CASE("every source that the documentation shows compiles") {
  std::ifstream page(KPD_SOURCE_DIR "/docs/sources.md");
  int count = 0;
  for (std::string line; std::getline(page, line);) {
    if (!line.starts_with("source: ")) continue;
    CHECK_NOTHROW(compiled(line.substr(8)));
    ++count;
  }
  CHECK(count == 8);
}
