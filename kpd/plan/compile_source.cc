#include "kpd/plan/compile_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "kpd/source/connection.h"
#include "kpd/source/limits.h"
#include "kpd/source/text_decoder.h"

namespace kpd {
namespace {

using Format = SourcePlan::Format;
using Resolve = std::function<std::filesystem::path(const std::string&)>;

constexpr std::size_t kMaxColumns = 1024;

/// A list or map of columns, none twice and none nameless.
void add_column(SourcePlan& plan, const YamlNode& name, SourceColumn column) {
  if (column.name.empty()) name.fail("a column needs a name");
  for (const SourceColumn& other : plan.columns)
    if (other.name == column.name)
      name.fail(fmt::format("column '{}' stands there twice", column.name));
  if (plan.columns.size() == kMaxColumns)
    name.fail(fmt::format("a source has {} columns at most", kMaxColumns));
  plan.columns.push_back(std::move(column));
}

void need_columns(const SourcePlan& plan, const YamlNode& columns) {
  if (plan.columns.empty()) columns.fail("a source has one column at least");
}

std::string encoding(YamlMap& map, const std::string& fallback) {
  const auto node = map.maybe("encoding");
  if (!node) return fallback;
  if (!TextDecoder::knows(node->text()))
    node->fail(fmt::format("no encoding is called '{}'", node->text()),
               "for example utf-8, iso-8859-1, windows-1251, utf-16 or, of mainframes, cp037");
  return node->text();
}

/// One character of ASCII that can stand between or around columns.
char mark(const YamlNode& node) {
  const std::string text = node.text();
  if (text.size() != 1 || (text[0] & 0x80) != 0 ||
      std::string_view("\r\n\0", 3).find(text[0]) != std::string_view::npos)
    node.fail("this is one character of ASCII and no line end");
  return text[0];
}

void compile_csv(SourcePlan& plan, YamlMap& map) {
  if (const auto node = map.maybe("delimiter")) plan.delimiter = mark(*node);
  if (const auto node = map.maybe("quote"))
    plan.quote = node->text() == "none" ? '\0' : mark(*node);
  if (plan.quote == plan.delimiter)
    map.node().fail("the delimiter cannot be the quote character too");
  if (const auto columns = map.maybe("columns")) {
    for (const YamlNode& name : columns->list()) add_column(plan, name, {name.text(), {}, 0, 0});
    need_columns(plan, *columns);
  }
  plan.header = map.flag("header", plan.columns.empty());
  if (!plan.header && plan.columns.empty())
    map.node().fail("a file without a header needs 'columns'", "columns: [record_id, pan, ...]");
}

void compile_fixed(SourcePlan& plan, YamlMap& map) {
  std::size_t end = 0, longest = 0;
  const YamlNode columns = map.need("columns");
  for (const auto& [name, value] : columns.map().all()) {
    SourceColumn column{name.text(), {}, end, 0};
    if (value.is_map()) {
      YamlMap place = value.map();
      column.at = place.number("at", end + 1, 1, kMaxRecord) - 1;
      column.size = place.need("length").number(1, kMaxRecord);
      place.finish();
    } else {
      column.size = value.number(1, kMaxRecord);
    }
    end = column.at + column.size;
    longest = std::max(longest, end);
    add_column(plan, name, std::move(column));
  }
  need_columns(plan, columns);
  if (longest > kMaxRecord)
    map.node().fail(fmt::format("a record has {} characters at most", kMaxRecord));
  plan.line_length = longest;
  if (const auto node = map.maybe("line_length")) {
    plan.line_length = node->number(1, kMaxRecord);
    if (plan.line_length < longest) node->fail(fmt::format("the columns end at {}", longest));
  }
  plan.line_ends = map.flag("line_ends", true);
  // Bytes say where a record ends only when every character has as many.
  if (!plan.line_ends && !TextDecoder::even(plan.encoding))
    map.node().fail("records without line ends need an encoding of one byte a character",
                    "encoding: us-ascii, iso-8859-1, cp037 ...");
}

/// xml and jsonl: where each column stands in a record.
void compile_paths(SourcePlan& plan, YamlMap& map) {
  plan.open_columns = !map.has("columns");
  if (const auto columns = map.maybe("columns")) {
    for (const auto& [name, path] : columns->map().all()) {
      if (path.text().empty()) path.fail("a column needs a path");
      add_column(plan, name, {name.text(), path.text(), 0, 0});
    }
    need_columns(plan, *columns);
  }
}

void compile_xml(SourcePlan& plan, YamlMap& map) {
  const YamlNode record = map.need("record");
  plan.record = record.text();
  if (plan.record.empty() || plan.record.find_first_of("/:@ ") != std::string::npos)
    record.fail("this is the name of one element, without path or prefix");
  compile_paths(plan, map);
}

/// The connection without what must not stand in a job.
std::string connection(const YamlNode& node, const Resolve& resolve) {
  const std::string text = node.text();
  if (text.starts_with(kSqlite)) {
    const std::string file = text.substr(kSqlite.size());
    if (file.empty()) node.fail("the database's file is missing", "sqlite3://data/cards.db");
    return std::string(kSqlite) + resolve(file).string();
  }
  if (!text.starts_with(kPostgres))
    node.fail("a database is named by sqlite3://FILE or postgresql://KEY=VALUE ...");
  try {
    for (const auto& [key, value] : parse_connection(text.substr(kPostgres.size())))
      if (key == "password" || key == "sslpassword")
        node.fail("a password does not belong in a job",
                  "keep it in ~/.pgpass, or name a service of pg_service.conf: service=NAME");
  } catch (const std::invalid_argument& wrong) {
    node.fail(wrong.what());
  }
  return text;
}

std::string query(const YamlNode& node) {
  constexpr std::string_view kBlank = " \t\r\n";
  std::string text = node.text();
  const auto trim = [&] { text.erase(text.find_last_not_of(kBlank) + 1); };
  trim();
  if (text.ends_with(';')) text.pop_back();
  trim();
  std::string word = text.substr(0, text.find_first_of(" \t\r\n("));
  std::transform(word.begin(), word.end(), word.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  if (word != "SELECT" && word != "WITH") node.fail("a query begins with SELECT or WITH");
  if (text.find(';') != text.npos) node.fail("a query is one statement, without ';'");
  return text;
}

}  // namespace

SourcePlan compile_source(YamlMap& map, const Resolve& resolve) {
  SourcePlan plan;
  plan.format =
      std::array{Format::csv, Format::fixed, Format::xml, Format::jsonl,
                 Format::sql}[map.need("format").choice({"csv", "fixed", "xml", "jsonl", "sql"})];
  if (plan.format == Format::sql) {
    plan.connect = connection(map.need("connect"), resolve);
    plan.query = query(map.need("query"));
    return plan;
  }
  plan.file = resolve(map.need("file").text()).string();
  plan.encoding = encoding(map, plan.format == Format::xml ? "" : plan.encoding);
  if (plan.format == Format::csv) compile_csv(plan, map);
  if (plan.format == Format::fixed) compile_fixed(plan, map);
  if (plan.format == Format::xml) compile_xml(plan, map);
  if (plan.format == Format::jsonl) compile_paths(plan, map);
  return plan;
}

bool want_column(SourcePlan& plan, const std::string& name) {
  for (const SourceColumn& column : plan.columns)
    if (column.name == name) return true;
  // Where columns are known only when the source is open, open_source's columns() tell.
  if (plan.format == Format::csv || plan.format == Format::sql) return plan.columns.empty();
  if (!plan.open_columns) return false;
  plan.columns.push_back({name, name, 0, 0});
  return true;
}

}  // namespace kpd
