// Any bytes as CSV: rows come in the order of their lines, none longer than the limit, and what a
// row holds is read back from its RFC 4180 form. The first byte chooses the delimiter.
#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "emvcrypto/bytes.h"
#include "kpd/source/csv_rows.h"
#include "kpd/source/limits.h"

namespace {

using Columns = std::vector<std::string>;

void require(bool holds) {
  if (!holds) std::abort();
}

std::string written(const Columns& columns, char delimiter) {
  std::string text;
  for (const std::string& column : columns) {
    if (&column != &columns.front()) text += delimiter;
    text += '"';
    for (char c : column) text += c == '"' ? "\"\"" : std::string(1, c);
    text += '"';
  }
  return text + "\n";
}

kpd::CsvRows rows_of(const std::string& text, char delimiter) {
  kpd::Input input("fuzz", std::make_unique<std::istringstream>(text));
  return {kpd::LineReader(std::move(input), "utf-8"), delimiter, '"'};
}

void require_same(const Columns& columns, char delimiter) {
  const std::string text = written(columns, delimiter);
  if (text.size() > kpd::kMaxRecord) return;  // quotes made it too long
  kpd::CsvRows reader = rows_of(text, delimiter);
  const auto row = reader.next();
  require(row && row->columns && *row->columns == columns);
  require(!reader.next());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const char delimiter = ";,\t|"[data[0] % 4];
  kpd::CsvRows reader = rows_of(std::string(emvcrypto::as_text({data + 1, size - 1})), delimiter);
  std::uint64_t line = 0;
  while (const auto row = reader.next()) {
    require(row->line > line);
    line = row->line;
    if (!row->columns) {
      require(!row->columns.error().code.empty());
      continue;
    }
    require(!row->columns->empty());
    // A CR before a quoted line end is read as part of that line end.
    const bool has_cr = std::any_of(row->columns->begin(), row->columns->end(),
                                    [](const std::string& c) { return c.find('\r') != c.npos; });
    if (!has_cr) require_same(*row->columns, delimiter);
  }
  return 0;
}
