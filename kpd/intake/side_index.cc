#include "kpd/intake/side_index.h"

#include <sqlite3.h>

#include "emvcrypto/aead.h"
#include "emvcrypto/mac.h"
#include "kpd/exit_code.h"

namespace kpd {
namespace {

using emvcrypto::Bytes;
using emvcrypto::ByteView;

// SQLite keeps a database without a name in a temporary file, unlinked at once, and spills to it
// only what its cache does not hold.
constexpr const char* kSetup =
    "PRAGMA cache_size=-16384; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
    "PRAGMA locking_mode=EXCLUSIVE;"
    "CREATE TABLE entry(hash BLOB PRIMARY KEY, number INTEGER, value BLOB) WITHOUT ROWID; BEGIN;";

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

}  // namespace

struct SideIndex::State {
  std::unique_ptr<sqlite3, CloseDatabase> database;
  Statement insert, find;
  emvcrypto::Secret hash_key{ByteView(emvcrypto::system_random(32))};
  emvcrypto::Aead aead{emvcrypto::Secret(ByteView(emvcrypto::system_random(32)))};
  std::uint64_t count = 0;

  void check(int result, std::initializer_list<int> good) const {
    for (int value : good)
      if (result == value) return;
    throw Failure(ExitCode::io, std::string("the temporary index failed: ") +
                                    sqlite3_errmsg(database.get()) +
                                    "; is there room in the folder for temporary files?");
  }

  Statement prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    check(
        sqlite3_prepare_v3(database.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr),
        {SQLITE_OK});
    return Statement(statement);
  }

  Bytes hash(ByteView key) const {
    Bytes digest = emvcrypto::hmac_sha256(hash_key.expose(), key);
    digest.resize(16);
    return digest;
  }

  static Bytes nonce(std::uint64_t number) {
    Bytes bytes;
    emvcrypto::append_number(bytes, number, emvcrypto::Aead::kNonceSize);
    return bytes;
  }
};

SideIndex::SideIndex() : state_(std::make_unique<State>()) {
  sqlite3* database = nullptr;
  const int opened =
      sqlite3_open_v2("", &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  state_->database.reset(database);
  state_->check(opened, {SQLITE_OK});
  state_->check(sqlite3_exec(database, kSetup, nullptr, nullptr, nullptr), {SQLITE_OK});
  state_->insert = state_->prepare("INSERT OR IGNORE INTO entry VALUES(?,?,?)");
  state_->find = state_->prepare("SELECT number, value FROM entry WHERE hash=?");
}

SideIndex::~SideIndex() = default;

bool SideIndex::insert(ByteView key, ByteView value) {
  State& s = *state_;
  const Bytes hash = s.hash(key);
  const Bytes sealed = value.empty() ? Bytes{} : s.aead.seal(State::nonce(s.count), hash, value);
  sqlite3_stmt* statement = s.insert.get();
  sqlite3_bind_blob(statement, 1, hash.data(), static_cast<int>(hash.size()), SQLITE_STATIC);
  sqlite3_bind_int64(statement, 2, static_cast<sqlite3_int64>(s.count));
  sqlite3_bind_blob(statement, 3, sealed.data(), static_cast<int>(sealed.size()), SQLITE_STATIC);
  s.check(sqlite3_step(statement), {SQLITE_DONE});
  sqlite3_reset(statement);
  ++s.count;
  return sqlite3_changes(s.database.get()) == 1;
}

std::optional<Bytes> SideIndex::find(ByteView key) {
  State& s = *state_;
  const Bytes hash = s.hash(key);
  sqlite3_stmt* statement = s.find.get();
  sqlite3_bind_blob(statement, 1, hash.data(), static_cast<int>(hash.size()), SQLITE_STATIC);
  const int result = sqlite3_step(statement);
  s.check(result, {SQLITE_ROW, SQLITE_DONE});
  std::optional<Bytes> value;
  if (result == SQLITE_ROW) {
    const auto number = static_cast<std::uint64_t>(sqlite3_column_int64(statement, 0));
    const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement, 1));
    const ByteView sealed(data, static_cast<std::size_t>(sqlite3_column_bytes(statement, 1)));
    value = sealed.empty() ? Bytes{} : s.aead.open(State::nonce(number), hash, sealed);
  }
  sqlite3_reset(statement);
  return value;
}

}  // namespace kpd
