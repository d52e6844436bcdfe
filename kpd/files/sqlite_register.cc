#include "kpd/files/sqlite_register.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "kpd/exit_code.h"

namespace kpd {
namespace {

constexpr int kPatience = 30;  // seconds for another process' change

/// The file, private from its first moment.
void make_private(const std::filesystem::path& file, const std::string& name) {
  const int made = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (made < 0)
    throw Failure(ExitCode::io, fmt::format("{}: the {} cannot be opened: {}", file.string(), name,
                                            std::strerror(errno)));
  close(made);
}

}  // namespace

SqliteRegister::SqliteRegister(std::filesystem::path file, RegisterForm form, For use)
    : file_(std::move(file)), form_(std::move(form)) {
  if (use == For::change) {
    make_private(file_, form_.name);
    connect(false);
    changing([&] {
      int tables = 0;
      session_ << "SELECT COUNT(*) FROM sqlite_master", soci::into(tables);
      if (format() != 0 || tables != 0) return;
      for (const char* table : form_.tables) session_ << table;
      session_ << "PRAGMA user_version = " + std::to_string(form_.format);
    });
  } else {
    connect(access(file_.c_str(), W_OK) != 0);
  }
  if (guarded([&] { return format(); }) != form_.format)
    throw Failure(ExitCode::hold, fmt::format("{}: this is no {}, or one of another version of kpd",
                                              file_.string(), form_.name));
}

bool SqliteRegister::is_there(const std::filesystem::path& file) {
  std::error_code error;
  return std::filesystem::exists(file, error) || error;
}

void SqliteRegister::connect(bool readonly) {
  if (file_.string().find('"') != std::string::npos)
    throw Failure(ExitCode::usage, file_.string() + ": a register cannot have '\"' in its name");
  guarded([&] {
    session_.open(*soci::factory_sqlite3(),
                  fmt::format("db=\"{}\" timeout={}{}", file_.string(), kPatience,
                              readonly ? " readonly=true" : ""));
    // A change that was committed stays after a power cut too: the folder is synced with it.
    session_ << "PRAGMA synchronous = EXTRA";
    if (form_.write_ahead && !readonly) session_ << "PRAGMA journal_mode = WAL";
  });
}

int SqliteRegister::format() {
  int number = 0;
  session_ << "PRAGMA user_version", soci::into(number);
  return number;
}

void SqliteRegister::fail(const soci::soci_error& error) const {
  const auto* known = dynamic_cast<const soci::sqlite3_soci_error*>(&error);
  const int result = known != nullptr ? known->result() & 0xFF : SQLITE_CANTOPEN;
  const std::string start = fmt::format("{}: the {} ", file_.string(), form_.name);
  const std::string reason = error.get_error_message();
  if (result == SQLITE_BUSY || result == SQLITE_LOCKED)
    throw Failure(ExitCode::try_again, start + "is being changed by another process: try again");
  if (result == SQLITE_NOTADB || result == SQLITE_CORRUPT || result == SQLITE_ERROR)
    throw Failure(ExitCode::hold, start + "is damaged, or none: " + reason + "; " + form_.remedy);
  if (result == SQLITE_CONSTRAINT)
    throw Failure(ExitCode::hold, start + "has such an entry already");
  throw Failure(ExitCode::io, start + "failed: " + reason);
}

RegisterChange::RegisterChange(SqliteRegister& in) : register_(in) {
  in.guarded([&] { in.session() << "BEGIN IMMEDIATE"; });
}

RegisterChange::~RegisterChange() {
  if (!open_) return;
  try {
    register_.session() << "ROLLBACK";
  } catch (const soci::soci_error&) {
    // The database rolled back by itself, or will when it is opened again.
  }
}

void RegisterChange::commit() {
  register_.guarded([&] { register_.session() << "COMMIT"; });
  open_ = false;
}

}  // namespace kpd
