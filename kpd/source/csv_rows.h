/// Rows of CSV as back offices write it (RFC 4180): quoting, CR LF or LF (LF inside a column), any
/// one-byte delimiter and quote.
#pragma once

#include <deque>

#include "kpd/source/line_reader.h"
#include "kpd/source/record_source.h"

namespace kpd {

/// Reads row by row; memory holds one row. A row that is wrong costs that line alone.
class CsvRows {
 public:
  /// `quote`: 0 when nothing is quoted.
  CsvRows(LineReader lines, char delimiter, char quote)
      : lines_(std::move(lines)), delimiter_(delimiter), quote_(quote) {}

  /// The next row; nothing at the end. Empty lines are passed over. Faults: "csv-quote" (a quote
  /// that never closes, or text behind one) and those of TextLine. Throws Failure(io).
  std::optional<SourceRow> next();

  const std::string& name() const { return lines_.name(); }

 private:
  std::optional<TextLine> next_line();

  LineReader lines_;
  char delimiter_, quote_;
  std::deque<TextLine> pending_;  ///< lines that a lost quote had swallowed
};

}  // namespace kpd
