/// What must hold of every source, whatever bytes it is made of.
#pragma once

#include <cstdlib>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "kpd/exit_code.h"
#include "kpd/source/limits.h"
#include "kpd/source/record_source.h"
#include "kpd/source/text_decoder.h"

inline void require(bool holds) {
  if (!holds) std::abort();
}

/// Reads it to its end or to where it breaks; gives its records that have no fault, with lines.
inline std::vector<std::pair<std::uint64_t, std::vector<std::string>>> good_rows(
    const kpd::SourcePlan& plan, const std::string& text) {
  std::vector<std::pair<std::uint64_t, std::vector<std::string>>> rows;
  try {
    const auto source = kpd::open_source(plan, std::make_unique<std::istringstream>(text));
    std::uint64_t line = 1;
    while (const auto row = source->next()) {
      require(row->line >= line);
      line = row->line;
      if (!row->columns) {
        require(!row->columns.error().code.empty() && !row->columns.error().reason.empty());
        continue;
      }
      require(row->columns->size() == source->columns().size());
      std::size_t size = 0;
      for (const std::string& column : *row->columns) {
        require(kpd::is_utf8(column) && column.find('\0') == column.npos);
        size += column.size();
      }
      require(size <= 4 * kpd::kMaxRecord);  // UTF-8 may be longer than what a file has
      rows.emplace_back(line, *row->columns);
    }
    require(!source->next());
  } catch (const kpd::Failure& failure) {
    require(failure.code() == kpd::ExitCode::io || failure.code() == kpd::ExitCode::usage);
  }
  return rows;
}
