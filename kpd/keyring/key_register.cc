#include "kpd/keyring/key_register.h"

#include <array>

#include "kpd/exit_code.h"
#include "kpd/files/sqlite_register.h"

namespace kpd {
namespace {

using emvcrypto::Date;

constexpr std::array<std::string_view, 5> kStates{"pending", "current", "valid", "retired",
                                                  "destroyed"};
// Exportabilities as the column has them: 0, 1, 2.
constexpr std::string_view kExportabilities = "NSE";
constexpr int kFormat = 1;

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

RegisterForm form() {
  return {"key register",
          kFormat,
          {kTable, kOneLabel, kOneCurrent},
          "restore it, or move it away and register the keys anew"};
}

}  // namespace

std::string_view state_name(KeyState state) {
  return kStates[static_cast<std::size_t>(state)];
}

struct KeyRegister::State : SqliteRegister {
  using SqliteRegister::SqliteRegister;
};

KeyRegister::KeyRegister(std::unique_ptr<State> state) : state_(std::move(state)) {}
KeyRegister::~KeyRegister() = default;
KeyRegister::KeyRegister(KeyRegister&&) noexcept = default;
KeyRegister& KeyRegister::operator=(KeyRegister&&) noexcept = default;

KeyRegister KeyRegister::open(const std::filesystem::path& file) {
  return KeyRegister(std::make_unique<State>(file, form(), State::For::change));
}

std::optional<KeyRegister> KeyRegister::read(const std::filesystem::path& file) {
  if (!State::is_there(file)) return std::nullopt;
  return KeyRegister(std::make_unique<State>(file, form(), State::For::reading));
}

std::vector<KeyRow> KeyRegister::rows(const std::string& token) {
  std::vector<KeyRow> rows;
  state_->guarded([&] {
    const soci::rowset<soci::row> found =
        (state_->session().prepare
             << "SELECT label, kcv, name, version, role, algorithm, state, first_day, last_day,"
                " origin, exportable, made_at, made_by, changed_at, changed_by FROM key"
                " WHERE token = :token ORDER BY name, version, rowid",
         soci::use(token));
    for (const soci::row& one : found) {
      const auto text = [&](std::size_t column) { return one.get<std::string>(column); };
      const auto state = state_of(text(6));
      if (!state)
        throw Failure(ExitCode::hold, state_->file().string() + ": the key register has a key \"" +
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
    state_->session() << "INSERT INTO key VALUES(:token, :label, :kcv, :name, :version, :role,"
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
    state_->session() << "UPDATE key SET state = :state, changed_at = :at, changed_by = :by"
                         " WHERE token = :token AND label = :label AND state <> 'destroyed'",
        soci::use(name), soci::use(when), soci::use(who), soci::use(row.token),
        soci::use(row.label);
  });
}

KeyRegister::Change::Change(KeyRegister& in)
    : change_(std::make_unique<RegisterChange>(*in.state_)) {}
KeyRegister::Change::~Change() = default;

void KeyRegister::Change::commit() {
  change_->commit();
}

}  // namespace kpd
