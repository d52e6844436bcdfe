#include "kpd/keyring/key_register.h"

#include <fcntl.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "kpd/exit_code.h"
#include "kpd/source/soci.h"

namespace kpd {
namespace {

using emvcrypto::Date;

constexpr std::array<std::string_view, 5> kStates{"pending", "current", "valid", "retired",
                                                  "destroyed"};
// Exportabilities as the column has them: 0, 1, 2.
constexpr std::string_view kExportabilities = "NSE";
constexpr int kFormat = 1;
constexpr int kPatience = 30;  // seconds for another process' change

constexpr const char* kTable =
    "CREATE TABLE key(token TEXT NOT NULL, label TEXT NOT NULL, kcv TEXT NOT NULL,"
    " name TEXT NOT NULL, version INTEGER NOT NULL, role TEXT NOT NULL, algorithm TEXT NOT NULL,"
    " state TEXT NOT NULL, first_day TEXT NOT NULL, last_day TEXT NOT NULL, origin TEXT NOT NULL,"
    " exportable INTEGER NOT NULL, made_at TEXT NOT NULL, made_by TEXT NOT NULL,"
    " changed_at TEXT NOT NULL, changed_by TEXT NOT NULL)";
constexpr const char* kOneLabel =
    "CREATE UNIQUE INDEX one_label ON key(token, label) WHERE state <> 'destroyed'";
constexpr const char* kOneCurrent =
    "CREATE UNIQUE INDEX one_current ON key(token, name) WHERE state = 'current'";

std::optional<Date> date_of(const std::string& text) {
  return text.empty() ? std::nullopt : emvcrypto::parse_iso_date(text);
}

char exportability_of(int number) {
  const auto at = static_cast<std::size_t>(number);
  return at < kExportabilities.size() ? kExportabilities[at] : 'N';
}

std::string text_of(const std::optional<Date>& date) {
  return date ? date->iso() : "";
}

std::optional<KeyState> state_of(const std::string& name) {
  for (std::size_t i = 0; i < kStates.size(); ++i)
    if (kStates[i] == name) return static_cast<KeyState>(i);
  return std::nullopt;
}

/// The file, private from its first moment.
void make_private(const std::filesystem::path& file) {
  const int made = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (made < 0)
    throw Failure(ExitCode::io,
                  file.string() + ": the key register cannot be opened: " + std::strerror(errno));
  close(made);
}

}  // namespace

std::string_view state_name(KeyState state) {
  return kStates[static_cast<std::size_t>(state)];
}

struct KeyRegister::State {
  std::filesystem::path file;
  soci::session session;

  /// Runs `work`; what the database answers becomes a Failure.
  template <typename Work>
  auto guarded(const Work& work) {
    try {
      return work();
    } catch (const soci::soci_error& error) {
      fail(error);
    }
  }

  [[noreturn]] void fail(const soci::soci_error& error) const {
    const auto* known = dynamic_cast<const soci::sqlite3_soci_error*>(&error);
    const int result = known != nullptr ? known->result() & 0xFF : SQLITE_CANTOPEN;
    const std::string start = file.string() + ": the key register ";
    if (result == SQLITE_BUSY || result == SQLITE_LOCKED)
      throw Failure(ExitCode::try_again, start + "is being changed by another process: try again");
    if (result == SQLITE_NOTADB || result == SQLITE_CORRUPT || result == SQLITE_ERROR)
      throw Failure(ExitCode::hold, start +
                                        "is damaged, or no register: " + error.get_error_message() +
                                        "; restore it, or move it away and register the keys anew");
    if (result == SQLITE_CONSTRAINT)
      throw Failure(ExitCode::hold, start + "has such a key already");
    throw Failure(ExitCode::io, start + "failed: " + error.get_error_message());
  }

  void connect(bool readonly) {
    if (file.string().find('"') != std::string::npos)
      throw Failure(ExitCode::usage, file.string() + ": a register cannot have '\"' in its name");
    guarded([&] {
      session.open(*soci::factory_sqlite3(), "db=\"" + file.string() +
                                                 "\" timeout=" + std::to_string(kPatience) +
                                                 (readonly ? " readonly=true" : ""));
    });
  }

  int format() {
    int number = 0;
    session << "PRAGMA user_version", soci::into(number);
    return number;
  }

  void check_format() {
    const int found = guarded([&] { return format(); });
    if (found != kFormat)
      throw Failure(ExitCode::hold,
                    file.string() + ": this is no key register, or one of another version of kpd");
  }

  void make_table() {
    guarded([&] {
      session << "BEGIN IMMEDIATE";
      int tables = 0;
      session << "SELECT COUNT(*) FROM sqlite_master", soci::into(tables);
      if (format() == 0 && tables == 0) {
        session << kTable;
        session << kOneLabel;
        session << kOneCurrent;
        session << "PRAGMA user_version = " + std::to_string(kFormat);
      }
      session << "COMMIT";
    });
  }
};

KeyRegister::KeyRegister(std::unique_ptr<State> state) : state_(std::move(state)) {}
KeyRegister::~KeyRegister() = default;
KeyRegister::KeyRegister(KeyRegister&&) noexcept = default;
KeyRegister& KeyRegister::operator=(KeyRegister&&) noexcept = default;

KeyRegister KeyRegister::open(const std::filesystem::path& file) {
  auto state = std::make_unique<State>();
  state->file = file;
  make_private(file);
  state->connect(false);
  state->make_table();
  state->check_format();
  return KeyRegister(std::move(state));
}

std::optional<KeyRegister> KeyRegister::read(const std::filesystem::path& file) {
  std::error_code error;
  if (!std::filesystem::exists(file, error) && !error) return std::nullopt;
  auto state = std::make_unique<State>();
  state->file = file;
  // Who may write also mends what a crash left in the middle.
  state->connect(access(file.c_str(), W_OK) != 0);
  state->check_format();
  return KeyRegister(std::move(state));
}

std::vector<KeyRow> KeyRegister::rows(const std::string& token) {
  std::vector<KeyRow> rows;
  state_->guarded([&] {
    const soci::rowset<soci::row> found =
        (state_->session.prepare
             << "SELECT label, kcv, name, version, role, algorithm, state, first_day, last_day,"
                " origin, exportable, made_at, made_by, changed_at, changed_by FROM key"
                " WHERE token = :token ORDER BY name, version, rowid",
         soci::use(token));
    for (const soci::row& one : found) {
      const auto text = [&](std::size_t column) { return one.get<std::string>(column); };
      const auto state = state_of(text(6));
      if (!state)
        throw Failure(ExitCode::hold, state_->file.string() + ": the key register has a key \"" +
                                          text(0) + "\" of the unknown state '" + text(6) + "'");
      rows.push_back({token, text(0), text(1), text(2), static_cast<unsigned>(one.get<int>(3)),
                      text(4), text(5), *state, date_of(text(7)), date_of(text(8)), text(9),
                      exportability_of(one.get<int>(10)), text(11), text(12), text(13), text(14)});
    }
  });
  return rows;
}

void KeyRegister::add(const KeyRow& row) {
  state_->guarded([&] {
    const std::string state(state_name(row.state)), from = text_of(row.from),
                                                    until = text_of(row.until);
    const int version = static_cast<int>(row.version);
    const int exportable = static_cast<int>(kExportabilities.find(row.exportability));
    state_->session << "INSERT INTO key VALUES(:token, :label, :kcv, :name, :version, :role,"
                       " :algorithm, :state, :from, :until, :origin, :exportable, :at, :by, :cat,"
                       " :cby)",
        soci::use(row.token), soci::use(row.label), soci::use(row.kcv), soci::use(row.name),
        soci::use(version), soci::use(row.role), soci::use(row.algorithm), soci::use(state),
        soci::use(from), soci::use(until), soci::use(row.origin), soci::use(exportable),
        soci::use(row.made_at), soci::use(row.made_by), soci::use(row.changed_at),
        soci::use(row.changed_by);
  });
}

void KeyRegister::set_state(const KeyRow& row, KeyState state, const std::string& when,
                            const std::string& who) {
  state_->guarded([&] {
    const std::string name(state_name(state));
    state_->session << "UPDATE key SET state = :state, changed_at = :at, changed_by = :by"
                       " WHERE token = :token AND label = :label AND state <> 'destroyed'",
        soci::use(name), soci::use(when), soci::use(who), soci::use(row.token),
        soci::use(row.label);
  });
}

KeyRegister::Change::Change(KeyRegister& in) : register_(in) {
  State& state = *register_.state_;
  state.guarded([&] { state.session << "BEGIN IMMEDIATE"; });
}

KeyRegister::Change::~Change() {
  if (!open_) return;
  try {
    register_.state_->session << "ROLLBACK";
  } catch (const soci::soci_error&) {
    // The database rolled back by itself, or will when it is opened again.
  }
}

void KeyRegister::Change::commit() {
  State& state = *register_.state_;
  state.guarded([&] { state.session << "COMMIT"; });
  open_ = false;
}

}  // namespace kpd
