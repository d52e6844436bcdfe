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

class SqliteSource : public RecordSource {
 public:
  explicit SqliteSource(const SourcePlan& plan) : file_(plan.connect.substr(kSqlite.size())) {
    Input check(file_);  // says best what keeps a file from being opened
    if (file_.find('"') != file_.npos)
      throw Failure(ExitCode::usage, file_ + ": a database's file cannot have '\"' in its name");
    try {
      session_.open(*soci::factory_sqlite3(), "db=\"" + file_ + "\" readonly=true timeout=10");
      limit_values();
      rows_ = std::make_unique<SqlRows>(session_, plan.query);
      refuse_parameters();
      rows_->execute();
    } catch (const soci::soci_error& error) {
      fail(error);
    }
    if (rows_->columns().empty())
      throw Failure(ExitCode::usage, file_ + ": the query gives no columns");
  }

  const std::vector<std::string>& columns() const override { return rows_->columns(); }

  std::optional<SourceRow> next() override {
    try {
      if (ended_ || !rows_->fetch()) {
        ended_ = true;
        return std::nullopt;
      }
      return rows_->row(++number_);
    } catch (const soci::soci_error& error) {
      ended_ = true;
      fail(error);
    }
  }

 private:
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
                    file_ + ": a query has no parameters (?, :name, @name, $name)");
  }

  [[noreturn]] void fail(const soci::soci_error& error) const {
    const auto* known = dynamic_cast<const soci::sqlite3_soci_error*>(&error);
    const int result = known ? known->result() & 0xFF : SQLITE_CANTOPEN;
    if (result == SQLITE_BUSY || result == SQLITE_LOCKED)
      throw Failure(ExitCode::away, file_ +
                                        ": another program keeps the database locked; end it, "
                                        "or try again later");
    if (result == SQLITE_ERROR)
      throw Failure(ExitCode::usage,
                    file_ + ": the database refuses the query: " + error.get_error_message());
    throw Failure(ExitCode::io,
                  file_ + ": the database cannot be read: " + error.get_error_message());
  }

  std::string file_;
  soci::session session_;
  std::unique_ptr<SqlRows> rows_;
  std::uint64_t number_ = 0;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<RecordSource> make_sqlite_source(const SourcePlan& plan) {
  return std::make_unique<SqliteSource>(plan);
}

}  // namespace kpd
