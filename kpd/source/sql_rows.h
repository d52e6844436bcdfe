/// The rows of one statement of a database as texts.
#pragma once

#include <cstdint>
#include <deque>

#include "kpd/source/record_source.h"
#include "kpd/source/soci.h"

namespace kpd {

/// A prepared statement whose columns all come as text; NULL is empty.
class SqlRows {
 public:
  /// Prepares the statement and learns its columns. Throws soci::soci_error.
  SqlRows(soci::session& session, const std::string& statement);

  const std::vector<std::string>& columns() const { return columns_; }
  soci::details::statement_backend& backend() { return *statement_.get_backend(); }

  /// Runs the statement, from its start. Throws soci::soci_error.
  void execute() { statement_.execute(false); }

  /// Takes the next row; false at the end. Throws soci::soci_error.
  bool fetch() { return statement_.fetch(); }

  /// The row that was fetched. Faults of RecordSource.
  SourceRow row(std::uint64_t number) const;

 private:
  soci::statement statement_;
  std::vector<std::string> columns_;
  std::deque<std::string> texts_;  // that do not move: the statement writes to them
  std::deque<soci::indicator> indicators_;
};

}  // namespace kpd
