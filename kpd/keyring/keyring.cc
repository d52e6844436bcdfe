#include "kpd/keyring/keyring.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kpd/exit_code.h"
#include "kpd/keyring/job_keys.h"
#include "kpd/keyring/public_key.h"

namespace kpd {
namespace {

using Details = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t kIsoDate = 10;  // characters of 2026-11-22

bool is_alive(const KeyRow& row) {
  return row.state != KeyState::destroyed;
}

/// The row of this label that is not destroyed, else the last one that is.
const KeyRow* row_of(const std::vector<KeyRow>& rows, const std::string& label) {
  const KeyRow* found = nullptr;
  for (const KeyRow& row : rows)
    if (row.label == label && (found == nullptr || !is_alive(*found))) found = &row;
  return found;
}

/// Nothing where the clock says no date.
std::optional<emvcrypto::Date> today(const Actor& actor) {
  const auto date = emvcrypto::parse_iso_date(actor.now().substr(0, kIsoDate));
  return date ? std::optional(*date) : std::nullopt;
}

/// What is made current can be used.
void require_time_left(const std::optional<emvcrypto::Date>& until, const Actor& actor) {
  const auto day = today(actor);
  if (until && day && *until < *day)
    throw Failure(ExitCode::hold, fmt::format("the last day of use, {}, has passed: no job of "
                                              "today would take the key",
                                              until->iso()));
}

/// Another process may have come between the reading of a row and the register's lock.
void require_unchanged(const std::vector<KeyRow>& rows, const KeyRow& read) {
  const KeyRow* now = row_of(rows, read.label);
  if (now == nullptr || now->kcv != read.kcv || now->state != read.state)
    throw Failure(ExitCode::try_again,
                  fmt::format("{} was changed by another process: look at it again", read.label));
}

}  // namespace

std::string_view standing_name(KeyEntry::Standing standing) {
  constexpr std::array<std::string_view, 5> kNames{"registered", "unregistered", "other", "missing",
                                                   "destroyed"};
  return kNames[static_cast<std::size_t>(standing)];
}

Keyring::Keyring(std::string party, std::shared_ptr<hsm::Token> token,
                 std::filesystem::path register_file, AuditLog audit)
    : party_(std::move(party)),
      token_(std::move(token)),
      register_file_(std::move(register_file)),
      audit_(std::move(audit)) {}

KeyEntry Keyring::read(const hsm::Key& key, const std::string& label) const {
  KeyEntry entry;
  entry.label = label;
  entry.id = parse_key_label(label);
  entry.info = token_->info(key);
  if (key.type() == hsm::KeyType::rsa_private) {
    entry.kcv = fingerprint(token_->public_key(key)).substr(0, kShortFingerprint);
  } else {
    entry.kcvs = token_->check_values(key);
    entry.kcv = emvcrypto::to_hex(usual_kcv(entry.kcvs));
  }
  return entry;
}

std::vector<KeyEntry> Keyring::list() const {
  auto keys = KeyRegister::read(register_file_);
  const std::vector<KeyRow> rows = keys ? keys->rows(token_->label()) : std::vector<KeyRow>{};
  std::vector<KeyEntry> entries;
  for (const hsm::KeyInfo& info : token_->list()) {
    if (info.type == hsm::KeyType::rsa_public) continue;
    KeyEntry entry;
    try {
      entry = read(token_->find(info.label), info.label);
    } catch (const hsm::SetupError&) {  // two keys of one label: which is which, nobody can say
      entry.label = info.label;
      entry.id = parse_key_label(info.label);
      entry.info = info;
    }
    const KeyRow* row = row_of(rows, info.label);
    if (row != nullptr && is_alive(*row)) {
      entry.row = *row;
      entry.standing =
          row->kcv == entry.kcv ? KeyEntry::Standing::registered : KeyEntry::Standing::other;
    }
    entries.push_back(std::move(entry));
  }
  for (const KeyRow& row : rows) {
    const bool found = std::any_of(entries.begin(), entries.end(), [&](const KeyEntry& entry) {
      return entry.label == row.label && entry.info;
    });
    if (is_alive(row) && found) continue;
    KeyEntry entry;
    entry.standing = is_alive(row) ? KeyEntry::Standing::missing : KeyEntry::Standing::destroyed;
    entry.id = {row.name, row.version};
    entry.label = row.label;
    entry.kcv = row.kcv;
    entry.row = row;
    entries.push_back(std::move(entry));
  }
  std::stable_sort(entries.begin(), entries.end(), [](const KeyEntry& a, const KeyEntry& b) {
    return std::tie(a.id.name, a.id.version) < std::tie(b.id.name, b.id.version);
  });
  return entries;
}

KeyEntry Keyring::find(const std::string& name, std::optional<unsigned> version) const {
  std::vector<KeyEntry> found;
  bool gone = false;
  for (KeyEntry& entry : list()) {
    if (entry.id.name != name || (version && entry.id.version != *version)) continue;
    if (entry.standing == KeyEntry::Standing::destroyed)
      gone = true;
    else
      found.push_back(std::move(entry));
  }
  const std::string where = fmt::format("the token \"{}\"", token_->label());
  if (found.empty())
    throw Failure(ExitCode::hold,
                  fmt::format("{} has no key {}{}: see `kpd key list --all`", where,
                              label_text({name, version.value_or(1)}),
                              gone ? " any more, it was destroyed (`kpd key generate --next` or "
                                     "`import --next` makes the name's next version)"
                                   : ""));
  if (found.size() == 1) return std::move(found.front());
  for (KeyEntry& entry : found)
    if (entry.row && entry.row->state == KeyState::current) return std::move(entry);
  throw Failure(ExitCode::hold,
                fmt::format("{} has {} versions of {} and none is current: say --version", where,
                            found.size(), name));
}

KeyEntry Keyring::find_usable(const std::string& name) const {
  KeyEntry entry = find(name, std::nullopt);
  if (entry.standing == KeyEntry::Standing::missing)
    throw Failure(ExitCode::hold, fmt::format("the token \"{}\" does not have the key {}",
                                              token_->label(), entry.label));
  if (!entry.row) return entry;
  if (const auto objection = key_objection({*entry.row}, entry.label, entry.kcv, entry.row->role,
                                           today(audit_.actor())))
    throw Failure(ExitCode::hold, *objection);
  return entry;
}

KeyLabel Keyring::place_for(const NewKey& wanted, const std::vector<KeyRow>& rows) const {
  require_time_left(wanted.until, audit_.actor());
  KeyLabel place{wanted.name, 1};
  if (wanted.next_version) {
    // Behind every version that ever was, so that a version means one key for good.
    unsigned last = 0;
    for (const KeyRow& row : rows)
      if (row.name == wanted.name) last = std::max(last, row.version);
    for (const hsm::KeyInfo& info : token_->list())
      if (const KeyLabel id = parse_key_label(info.label); id.name == wanted.name)
        last = std::max(last, id.version);
    place.version = last + 1;
  }
  const std::string label = label_text(place);
  if (token_->try_find(label))
    throw Failure(ExitCode::hold,
                  fmt::format("the token \"{}\" has a key {} already: `kpd key rotate` makes its "
                              "next version",
                              token_->label(), label));
  for (const KeyRow& row : rows)
    if (row.label == label)
      throw Failure(ExitCode::hold,
                    is_alive(row)
                        ? fmt::format("the register knows a key {} ({}) that the token does not "
                                      "have: bring it back, or `kpd key destroy` it first",
                                      label, row.kcv)
                        : fmt::format("{} ({}) was destroyed: as the next version (--next) the "
                                      "name takes another key, so that a version stays one key",
                                      label, row.kcv));
  return place;
}

void Keyring::require_free(const NewKey& wanted) const {
  auto keys = KeyRegister::read(register_file_);
  place_for(wanted, keys ? keys->rows(token_->label()) : std::vector<KeyRow>{});
}

Details Keyring::details_of(const KeyEntry& entry) const {
  return {{"party", party_},
          {"token", token_->label()},
          {"key", entry.id.name},
          {"version", std::to_string(entry.id.version)},
          {"role", entry.row ? entry.row->role : ""},
          {"kcv", entry.kcv}};
}

void Keyring::note(const std::string& action, const std::string& result, const std::string& reason,
                   Details details) const {
  audit_.append({action, result, reason, std::move(details)});
}

void Keyring::make_current(KeyRegister& in, const std::vector<KeyRow>& rows, const KeyRow& row) {
  for (const KeyRow& other : rows)
    if (other.name == row.name && other.state == KeyState::current)
      in.set_state(other, KeyState::valid, row.changed_at, row.changed_by);
}

KeyEntry Keyring::make(const NewKey& wanted,
                       const std::function<hsm::Key(const std::string&)>& maker) {
  KeyEntry entry;
  entry.id = {wanted.name, 1};
  hsm::Key made;
  const auto refused = [&](const char* reason) {
    if (made) token_->destroy(made);
    Details details = details_of(entry);
    details.insert(details.end(), wanted.audit.begin(), wanted.audit.end());
    note(wanted.action, "refused", reason, std::move(details));
  };
  try {
    KeyRegister keys = KeyRegister::open(register_file_);
    KeyRegister::Change change(keys);
    const std::vector<KeyRow> rows = keys.rows(token_->label());
    entry.id = place_for(wanted, rows);
    entry.label = label_text(entry.id);
    made = maker(entry.label);
    const KeyLabel id = entry.id;
    entry = read(made, entry.label);
    entry.id = id;
    if (!wanted.expected_kcv.empty() && entry.kcv != wanted.expected_kcv &&
        !is_kcv_of(entry.kcvs, wanted.expected_kcv).value_or(false))
      throw Failure(ExitCode::hold,
                    fmt::format("the key in the token has the KCV {}, not {}: it is another key",
                                entry.kcv, wanted.expected_kcv));
    const std::string now = audit_.actor().now(), who = audit_.actor().name;
    entry.row = KeyRow{token_->label(),
                       entry.label,
                       entry.kcv,
                       entry.id.name,
                       entry.id.version,
                       std::string(wanted.role->name),
                       std::string(algorithm_name(wanted.algorithm)),
                       wanted.state,
                       wanted.from,
                       wanted.until,
                       wanted.origin,
                       wanted.usage.extractable ? wanted.exportability : 'N',
                       now,
                       who,
                       now,
                       who};
    entry.standing = KeyEntry::Standing::registered;
    if (wanted.state == KeyState::current) make_current(keys, rows, *entry.row);
    keys.add(*entry.row);
    Details details = details_of(entry);
    details.insert(details.end(), wanted.audit.begin(), wanted.audit.end());
    note(wanted.action, "done", "", std::move(details));
    change.commit();
    return entry;
  } catch (const std::exception& error) {
    try {
      refused(error.what());
    } catch (const std::exception&) {
      // What failed first is what people must hear; a key that stayed shows as unregistered.
    }
    throw;
  }
}

KeyEntry Keyring::adopt(const KeyEntry& entry, const KeyRole& role, KeyState state,
                        const std::optional<emvcrypto::Date>& from,
                        const std::optional<emvcrypto::Date>& until) {
  if (entry.standing != KeyEntry::Standing::unregistered)
    throw Failure(ExitCode::hold,
                  fmt::format("{} is {} already", entry.label, standing_name(entry.standing)));
  const auto algorithm = algorithm_of(entry.info->type, entry.info->size);
  if (!algorithm || std::find(role.algorithms.begin(), role.algorithms.end(), *algorithm) ==
                        role.algorithms.end())
    throw Failure(ExitCode::hold,
                  fmt::format("{} is no key for the role {}: its algorithm is {}", entry.label,
                              role.name, algorithm ? algorithm_name(*algorithm) : "another"));
  KeyEntry adopted = entry;
  const std::string now = audit_.actor().now(), who = audit_.actor().name;
  adopted.row = KeyRow{token_->label(),
                       entry.label,
                       entry.kcv,
                       entry.id.name,
                       entry.id.version,
                       std::string(role.name),
                       std::string(algorithm_name(*algorithm)),
                       state,
                       from,
                       until,
                       "registered",
                       entry.info->usage.extractable ? 'S' : 'N',
                       now,
                       who,
                       now,
                       who};
  adopted.standing = KeyEntry::Standing::registered;
  KeyRegister keys = KeyRegister::open(register_file_);
  KeyRegister::Change change(keys);
  const std::vector<KeyRow> rows = keys.rows(token_->label());
  if (const KeyRow* before = row_of(rows, entry.label); before != nullptr && !is_alive(*before))
    throw Failure(ExitCode::hold,
                  fmt::format("{} ({}) was destroyed: what the token has by this label now is not "
                              "registered, `kpd key destroy` takes it away",
                              entry.label, before->kcv));
  if (state == KeyState::current) make_current(keys, rows, *adopted.row);
  keys.add(*adopted.row);
  note("key register", "done", "", details_of(adopted));
  change.commit();
  return adopted;
}

void Keyring::set_state(const KeyEntry& entry, KeyState state, const std::string& action) {
  if (!entry.row || entry.standing != KeyEntry::Standing::registered)
    throw Failure(ExitCode::hold, fmt::format("{} is {}: `kpd key register` it first", entry.label,
                                              entry.standing == KeyEntry::Standing::missing
                                                  ? "in the register, but not in the token"
                                                  : "not registered"));
  KeyRegister keys = KeyRegister::open(register_file_);
  KeyRegister::Change change(keys);
  const std::vector<KeyRow> rows = keys.rows(token_->label());
  require_unchanged(rows, *entry.row);
  if (entry.row->state == KeyState::retired)
    throw Failure(ExitCode::hold, fmt::format("{} is retired, for good", entry.label));
  if (state == KeyState::current) require_time_left(entry.row->until, audit_.actor());
  KeyRow row = *entry.row;
  row.changed_at = audit_.actor().now();
  row.changed_by = audit_.actor().name;
  if (state == KeyState::current) make_current(keys, rows, row);
  keys.set_state(row, state, row.changed_at, row.changed_by);
  Details details = details_of(entry);
  details.emplace_back("state", state_name(state));
  note(action, "done", "", std::move(details));
  change.commit();
}

void Keyring::destroy(const KeyEntry& entry) {
  KeyRegister keys = KeyRegister::open(register_file_);
  KeyRegister::Change change(keys);
  if (entry.row) require_unchanged(keys.rows(token_->label()), *entry.row);
  if (entry.row && entry.standing != KeyEntry::Standing::other)
    keys.set_state(*entry.row, KeyState::destroyed, audit_.actor().now(), audit_.actor().name);
  // Before and after: the key is gone when the second entry cannot be written any more.
  note("key destroy", "begun", "", details_of(entry));
  try {
    if (entry.info) token_->destroy(token_->find(entry.label));
  } catch (const std::exception& error) {
    note("key destroy", "refused", error.what(), details_of(entry));
    throw;
  }
  change.commit();
  note("key destroy", "done", "", details_of(entry));
}

}  // namespace kpd
