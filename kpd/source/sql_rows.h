/// The rows of one statement of a database as texts.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>

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

/// A source whose rows are those of one statement. Its makers open the session and prepare `rows_`.
class SqlSource : public RecordSource {
 public:
  const std::vector<std::string>& columns() const override { return rows_->columns(); }
  std::optional<SourceRow> next() override;

 protected:
  /// name: of the database, for messages.
  explicit SqlSource(std::string name) : name_(std::move(name)) {}

  /// Takes the next row of `rows_`; false at the end. Throws soci::soci_error.
  virtual bool fetch() = 0;
  /// Throws Failure for an error while rows are read.
  [[noreturn]] virtual void fail_reading(const soci::soci_error& error) const = 0;
  /// A query that gives no columns gives no records.
  void require_columns() const;

  std::string name_;
  soci::session session_;
  std::unique_ptr<SqlRows> rows_;

 private:
  std::uint64_t number_ = 0;
  bool ended_ = false;
};

}  // namespace kpd
