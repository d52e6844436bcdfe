#include "kpd/certificates/certificate_register.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "kpd/exit_code.h"
#include "kpd/files/sqlite_register.h"

namespace kpd {
namespace {

constexpr int kFormat = 2;

constexpr const char* kTables[] = {
    "CREATE TABLE request(issuer TEXT NOT NULL, key_uri TEXT NOT NULL, key TEXT NOT NULL,"
    " format TEXT NOT NULL, rid TEXT NOT NULL, issuer_id TEXT NOT NULL, tracking TEXT NOT NULL,"
    " key_index TEXT NOT NULL, expiry TEXT NOT NULL, made TEXT NOT NULL,"
    " PRIMARY KEY(rid, issuer_id, tracking, key_index))",
    "CREATE TABLE serials(key TEXT NOT NULL, issuer TEXT NOT NULL, first INTEGER NOT NULL,"
    " last INTEGER NOT NULL, job TEXT NOT NULL, digest TEXT NOT NULL, made TEXT NOT NULL,"
    " used INTEGER NOT NULL, PRIMARY KEY(key, digest, issuer))",
    "CREATE TABLE ca_serial(key TEXT PRIMARY KEY, last INTEGER NOT NULL)"};

RegisterForm form() {
  return {"certificate register",
          kFormat,
          {std::begin(kTables), std::end(kTables)},
          "restore it from its backup"};
}

}  // namespace

struct CertificateRegister::State : SqliteRegister {
  using SqliteRegister::SqliteRegister;

  std::vector<SerialRange> ranges() {
    std::vector<SerialRange> found;
    const soci::rowset<soci::row> rows =
        (session().prepare << "SELECT key, issuer, first, last, job, digest, made, used FROM"
                              " serials"
                              " ORDER BY issuer, key, first");
    for (const soci::row& row : rows)
      found.push_back({row.get<std::string>(0), row.get<std::string>(1),
                       static_cast<std::uint32_t>(row.get<int>(2)),
                       static_cast<std::uint32_t>(row.get<int>(3)), row.get<std::string>(4),
                       row.get<std::string>(5), row.get<std::string>(6), row.get<int>(7) != 0});
    return found;
  }

  /// Throws Failure(hold) when another plan has a serial of `wanted`.
  void check_free(const SerialRange& wanted) {
    const std::vector<SerialRange> given = ranges();
    std::uint32_t free = 0;
    const SerialRange* other = nullptr;
    for (const SerialRange& range : given) {
      const bool own = range.digest == wanted.digest && range.issuer == wanted.issuer;
      if (range.key != wanted.key || own) continue;
      free = std::max(free, range.last + 1);
      if (range.first <= wanted.last && wanted.first <= range.last) other = &range;
    }
    if (other == nullptr) return;
    throw Failure(
        ExitCode::hold,
        fmt::format("issuer '{}': certificate serials {} to {} are those of job '{}' (plan {}): "
                    "this job's {} to {} overlap them; from {} on all are free (serial_base)",
                    wanted.issuer, other->first, other->last, other->job,
                    other->digest.substr(0, 16), wanted.first, wanted.last, free));
  }
};

CertificateRegister::CertificateRegister(std::unique_ptr<State> state) : state_(std::move(state)) {}
CertificateRegister::~CertificateRegister() = default;
CertificateRegister::CertificateRegister(CertificateRegister&&) noexcept = default;
CertificateRegister& CertificateRegister::operator=(CertificateRegister&&) noexcept = default;

CertificateRegister CertificateRegister::open(const std::filesystem::path& file) {
  return CertificateRegister(std::make_unique<State>(file, form(), State::For::change));
}

std::optional<CertificateRegister> CertificateRegister::read(const std::filesystem::path& file) {
  if (!State::is_there(file)) return std::nullopt;
  return CertificateRegister(std::make_unique<State>(file, form(), State::For::reading));
}

std::vector<CertificateRequest> CertificateRegister::requests() {
  return state_->guarded([&] {
    std::vector<CertificateRequest> found;
    const soci::rowset<soci::row> rows =
        (state_->session().prepare << "SELECT issuer, key_uri, key, format, rid, issuer_id,"
                                      " tracking, key_index, expiry, made FROM request ORDER BY"
                                      " issuer, made, rowid");
    for (const soci::row& row : rows) {
      const auto text = [&](std::size_t column) { return row.get<std::string>(column); };
      found.push_back({text(0), text(1), text(2), text(3), text(4), text(5), text(6), text(7),
                       text(8), text(9)});
    }
    return found;
  });
}

void CertificateRegister::add_request(const CertificateRequest& request) {
  state_->changing([&] {
    std::string other, key;
    soci::indicator there = soci::i_null;
    state_->session() << "SELECT issuer, key FROM request WHERE rid = :rid AND issuer_id = :id AND"
                         " tracking = :tracking AND key_index = :index",
        soci::into(other, there), soci::into(key), soci::use(request.rid),
        soci::use(request.issuer_id), soci::use(request.tracking), soci::use(request.key_index);
    if (state_->session().got_data() && key != request.key)
      throw Failure(ExitCode::hold,
                    fmt::format("the tracking number {} went with the request of issuer '{}' for "
                                "another key: take a new one{}",
                                request.tracking, other,
                                request.key_index.empty() ? "" : ", or another --key-index"));
    state_->session() << "INSERT OR REPLACE INTO request VALUES(:issuer, :uri, :key, :format, :rid,"
                         " :id, :tracking, :index, :expiry, :made)",
        soci::use(request.issuer), soci::use(request.key_uri), soci::use(request.key),
        soci::use(request.format), soci::use(request.rid), soci::use(request.issuer_id),
        soci::use(request.tracking), soci::use(request.key_index), soci::use(request.expiry),
        soci::use(request.made);
  });
}

std::vector<SerialRange> CertificateRegister::serials() {
  return state_->guarded([&] { return state_->ranges(); });
}

void CertificateRegister::claim(const std::vector<SerialRange>& ranges) {
  state_->changing([&] {
    for (const SerialRange& range : ranges) {
      state_->check_free(range);
      const int first = static_cast<int>(range.first), last = static_cast<int>(range.last);
      state_->session()
          << "INSERT OR IGNORE INTO serials VALUES(:key, :issuer, :first, :last, :job,"
             " :digest, :made, 0)",
          soci::use(range.key), soci::use(range.issuer), soci::use(first), soci::use(last),
          soci::use(range.job), soci::use(range.digest), soci::use(range.made);
      if (range.used)
        state_->session() << "UPDATE serials SET used = 1 WHERE key = :key AND digest = :digest AND"
                             " issuer = :issuer",
            soci::use(range.key), soci::use(range.digest), soci::use(range.issuer);
    }
  });
}

std::size_t CertificateRegister::release(const std::string& digest) {
  return state_->changing([&] {
    std::string whole;
    std::size_t count = 0;
    for (const SerialRange& range : state_->ranges()) {
      if (digest.size() < 8 || !range.digest.starts_with(digest)) continue;
      if (!whole.empty() && whole != range.digest)
        throw Failure(ExitCode::usage, "several plans start with " + digest + ": write more of it");
      if (range.used)
        throw Failure(ExitCode::hold,
                      fmt::format("the serials {} to {} of issuer '{}' stay those of job '{}' for "
                                  "good: cards were signed with them; let the next job begin "
                                  "behind them",
                                  range.first, range.last, range.issuer, range.job));
      whole = range.digest;
      ++count;
    }
    if (count != 0)
      state_->session() << "DELETE FROM serials WHERE digest = :digest", soci::use(whole);
    return count;
  });
}

std::uint32_t CertificateRegister::next_ca_serial(const std::string& key) {
  return state_->changing([&] {
    int last = 0;
    state_->session() << "INSERT OR IGNORE INTO ca_serial VALUES(:key, 0)", soci::use(key);
    state_->session() << "UPDATE ca_serial SET last = last + 1 WHERE key = :key", soci::use(key);
    state_->session() << "SELECT last FROM ca_serial WHERE key = :key", soci::into(last),
        soci::use(key);
    return static_cast<std::uint32_t>(last);
  });
}

CertificateRegister::Lock::Lock(CertificateRegister& in)
    : change_(std::make_unique<RegisterChange>(*in.state_)) {}
CertificateRegister::Lock::~Lock() = default;

}  // namespace kpd
