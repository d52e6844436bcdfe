#include <soci/postgresql/soci-postgresql.h>

#include <algorithm>

#include "kpd/exit_code.h"
#include "kpd/source/connection.h"
#include "kpd/source/formats.h"
#include "kpd/source/soci.h"
#include "kpd/source/sql_rows.h"

namespace kpd {
namespace {

/// What a connection has unless the job says otherwise: a dead server is noticed in about a minute.
constexpr std::pair<const char*, const char*> kDefaults[] = {
    {"application_name", "kpd"},   {"connect_timeout", "10"}, {"keepalives_idle", "30"},
    {"keepalives_interval", "10"}, {"keepalives_count", "3"}, {"tcp_user_timeout", "60000"}};

/// Messages of the server below an error may hold data, and go to the terminal.
constexpr const char* kSettings =
    "SET client_encoding TO 'UTF8'; SET client_min_messages TO error; SET lock_timeout TO '60s'";
constexpr const char* kFetch = "FETCH FORWARD 200 FROM kpd_source";

class PostgresSource : public SqlSource {
 public:
  explicit PostgresSource(const SourcePlan& plan) : SqlSource("database") {
    connect(plan.connect.substr(kPostgres.size()));
    try {
      session_ << kSettings;
      session_ << "BEGIN TRANSACTION READ ONLY";
      // Prepared, so that it is one statement whatever it says.
      soci::statement declare(session_);
      declare.alloc();
      declare.prepare("DECLARE kpd_source NO SCROLL CURSOR FOR " + plan.query);
      declare.define_and_bind();
      declare.execute(true);
    } catch (const soci::soci_error& error) {
      fail(error, error.get_error_message());
    }
    try {
      rows_ = std::make_unique<SqlRows>(session_, kFetch);
      rows_->execute();
    } catch (const soci::soci_error& error) {
      fail(error);
    }
    require_columns();
  }

 private:
  /// Behind the last row of a portion comes the next portion.
  bool fetch() override {
    if (rows_->fetch()) return true;
    rows_->execute();
    return rows_->fetch();
  }
  void fail_reading(const soci::soci_error& error) const override { fail(error); }

  void connect(const std::string& text) {
    ConnectionParameters parameters = parse_connection(text);
    const auto find = [&](std::string_view key) {
      return std::find_if(parameters.begin(), parameters.end(),
                          [&](const auto& one) { return one.first == key; });
    };
    for (const char* key : {"service", "dbname"})
      if (find(key) != parameters.end()) name_ = "database '" + find(key)->second + "'";
    for (const auto& [key, value] : kDefaults)
      if (find(key) == parameters.end()) parameters.emplace_back(key, value);
    try {
      session_.open(*soci::factory_postgresql(), connection_text(parameters));
    } catch (const soci::soci_error& error) {
      throw Failure(ExitCode::away, name_ +
                                        ": no connection: " + one_line(error.get_error_message()) +
                                        "; see that the server runs, that 'connect' names it and "
                                        "that ~/.pgpass or the service has the password");
    }
  }

  /// `message`: what the server says, where that cannot hold data of cards.
  [[noreturn]] void fail(const soci::soci_error& error, const std::string& message = {}) const {
    const auto* known = dynamic_cast<const soci::postgresql_soci_error*>(&error);
    const std::string state = known ? known->sqlstate() : "";
    // Classes of SQLSTATE: 22 data exception, 25 read-only, 42 syntax or privilege, 0A not
    // supported.
    for (const char* ours : {"22", "25", "42", "0A", "08P01"})
      if (state.starts_with(ours))
        throw Failure(ExitCode::usage, name_ + ": the database refuses the query (SQLSTATE " +
                                           state + ")" +
                                           (message.empty() ? "" : ": " + one_line(message)));
    throw Failure(ExitCode::away, name_ + ": the database went away" +
                                      (message.empty() ? "" : ": " + one_line(message)) +
                                      "; see that it runs and start again");
  }

  static std::string one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
  }
};

}  // namespace

std::unique_ptr<RecordSource> make_postgres_source(const SourcePlan& plan) {
  return std::make_unique<PostgresSource>(plan);
}

}  // namespace kpd
