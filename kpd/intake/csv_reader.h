/// CSV as back offices write it (RFC 4180): quoting, CR LF or LF (LF inside a column), any
/// one-character delimiter, perhaps a byte order mark before all.
#pragma once

#include <deque>
#include <istream>
#include <optional>
#include <string>
#include <vector>

#include "emvcrypto/fault.h"

namespace kpd {

/// One row, or what is wrong with it.
struct CsvRow {
  std::uint64_t line = 0;  ///< of the file, from 1, where the row starts
  emvcrypto::Expected<std::vector<std::string>> columns;
};

/// Reads row by row; memory holds one row. A row that is wrong costs that line alone.
class CsvReader {
 public:
  static constexpr std::size_t kMaxLine = 64 * 1024;  ///< bytes
  static constexpr std::size_t kMaxRowLines = 16;     ///< lines of one row

  CsvReader(std::istream& in, char delimiter) : in_(in), delimiter_(delimiter) {}

  /// The next row; nothing at the end. Empty lines are passed over. Faults: "csv-quote" (a quote
  /// that never closes, or text behind one), "csv-nul", "csv-line" (too long). Throws Failure(io)
  /// when the file cannot be read.
  std::optional<CsvRow> next();

 private:
  struct Line {
    std::uint64_t number;
    std::string text;
    bool too_long;
  };
  static bool read_line(std::streambuf& buffer, Line& line);
  std::optional<Line> next_line();

  std::istream& in_;
  char delimiter_;
  std::uint64_t lines_ = 0;
  std::deque<Line> pending_;  ///< lines that a lost quote had swallowed
};

}  // namespace kpd
