#include <soci/sqlite3/soci-sqlite3.h>

#include "kpd/exit_code.h"
#include "kpd/source/connection.h"
#include "kpd/source/formats.h"
#include "kpd/source/soci.h"
#include "kpd/source/sql_rows.h"

namespace kpd {
namespace {

/// Bytes of one value. Between kMaxRecord and this it costs its record, beyond it ends the source.
constexpr int kMaxValue = 16 << 20;

class SqliteSource : public SqlSource {
 public:
  explicit SqliteSource(const SourcePlan& plan) : SqlSource(plan.connect.substr(kSqlite.size())) {
    Input check(name_);  // says best what keeps a file from being opened
    if (name_.find('"') != name_.npos)
      throw Failure(ExitCode::usage, name_ + ": a database's file cannot have '\"' in its name");
    try {
      session_.open(*soci::factory_sqlite3(), "db=\"" + name_ + "\" readonly=true timeout=10");
      limit_values();
      rows_ = std::make_unique<SqlRows>(session_, plan.query);
      refuse_parameters();
      rows_->execute();
    } catch (const soci::soci_error& error) {
      fail(error);
    }
    require_columns();
  }

 private:
  bool fetch() override { return rows_->fetch(); }
  void fail_reading(const soci::soci_error& error) const override { fail(error); }

  /// A value may have 1 GB unless we say otherwise, and comes in whole.
  void limit_values() {
    const auto& backend = static_cast<soci::sqlite3_session_backend&>(*session_.get_backend());
    sqlite_api::sqlite3_limit(backend.conn_, SQLITE_LIMIT_LENGTH, kMaxValue);
  }

  /// Nobody would give them a value.
  void refuse_parameters() const {
    const auto& backend = static_cast<soci::sqlite3_statement_backend&>(rows_->backend());
    if (sqlite_api::sqlite3_bind_parameter_count(backend.stmt_) > 0)
      throw Failure(ExitCode::usage,
                    name_ + ": a query has no parameters (?, :name, @name, $name)");
  }

  [[noreturn]] void fail(const soci::soci_error& error) const {
    const auto* known = dynamic_cast<const soci::sqlite3_soci_error*>(&error);
    const int result = known ? known->result() & 0xFF : SQLITE_CANTOPEN;
    if (result == SQLITE_BUSY || result == SQLITE_LOCKED)
      throw Failure(ExitCode::away, name_ +
                                        ": another program keeps the database locked; end it, "
                                        "or try again later");
    if (result == SQLITE_ERROR)
      throw Failure(ExitCode::usage,
                    name_ + ": the database refuses the query: " + error.get_error_message());
    throw Failure(ExitCode::io,
                  name_ + ": the database cannot be read: " + error.get_error_message());
  }
};

}  // namespace

std::unique_ptr<RecordSource> make_sqlite_source(const SourcePlan& plan) {
  return std::make_unique<SqliteSource>(plan);
}

}  // namespace kpd
