/// Rows of a source as tests compare them.
#pragma once

#include <memory>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include "kpd/source/record_source.h"

namespace kpd_test {

using Columns = std::vector<std::string>;

/// A row: its line, and its columns or the code of its fault.
struct Row {
  std::uint64_t line;
  Columns columns;
  std::string fault;
  bool operator==(const Row&) const = default;
};
using Rows = std::vector<Row>;

inline std::ostream& operator<<(std::ostream& out, const Row& row) {
  out << row.line << ":" << row.fault;
  for (const std::string& column : row.columns) out << "[" << column << "]";
  return out;
}

inline Row good(std::uint64_t line, Columns columns) {
  return {line, std::move(columns), ""};
}
inline Row bad(std::uint64_t line, std::string fault) {
  return {line, {}, std::move(fault)};
}

/// All that `source` (anything with next()) still gives.
template <typename Source>
Rows all_rows(Source& source) {
  Rows rows;
  while (auto row = source.next())
    rows.push_back(row->columns ? good(row->line, *row->columns)
                                : bad(row->line, row->columns.error().code));
  return rows;
}

inline std::unique_ptr<kpd::RecordSource> open_text(const kpd::SourcePlan& plan,
                                                    const std::string& text) {
  return kpd::open_source(plan, std::make_unique<std::istringstream>(text));
}

inline Rows rows_of(const kpd::SourcePlan& plan, const std::string& text) {
  return all_rows(*open_text(plan, text));
}

/// A text again and again.
inline std::string times(std::size_t count, const std::string& text) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

}  // namespace kpd_test
