/// An SQLite database of a test's own.
#pragma once

#include <sqlite3.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "test/unit/support/temp_folder.h"

namespace kpd_test {

class SqliteDatabase {
 public:
  explicit SqliteDatabase(const std::string& sql, const std::string& name = "cards.db")
      : file_(folder_.path() / name) {
    sqlite3_open(file_.c_str(), &handle_);
    run(sql);
  }
  ~SqliteDatabase() { sqlite3_close(handle_); }
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;

  void run(const std::string& sql) {
    if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
      throw std::runtime_error(sqlite3_errmsg(handle_));
  }

  /// Makes table `cards` of text columns with these rows.
  void load(const std::vector<std::string>& columns,
            const std::vector<std::vector<std::string>>& rows) {
    run("BEGIN");
    run("CREATE TABLE cards (" + list(columns, "\"%w\" TEXT") + ")");
    for (const auto& row : rows) run("INSERT INTO cards VALUES (" + list(row, "%Q") + ")");
    run("COMMIT");
  }

  const std::filesystem::path& file() const { return file_; }
  /// As a job's `connect` names the database.
  std::string connect() const { return "sqlite3://" + file_.string(); }

 private:
  static std::string list(const std::vector<std::string>& texts, const char* format) {
    std::string all;
    for (const std::string& text : texts) {
      char* one = sqlite3_mprintf(format, text.c_str());
      all += (all.empty() ? "" : ", ") + std::string(one);
      sqlite3_free(one);
    }
    return all;
  }

  TempFolder folder_;
  std::filesystem::path file_;
  sqlite3* handle_ = nullptr;
};

}  // namespace kpd_test
