#include "kpd/intake/side_index.h"

#include <sqlite3.h>

#include "emvcrypto/aead.h"
#include "emvcrypto/hash.h"
#include "kpd/exit_code.h"
#include "kpd/intake/append_file.h"

namespace kpd {
namespace {

using emvcrypto::Bytes;
using emvcrypto::ByteView;

// SQLite keeps a database without a name in a temporary file, unlinked at once, and spills to it
// only what its cache does not hold. Rows are small, so that the tree of a million takes 30 MB:
// values stand in a file of their own.
constexpr const char* kSetup =
    "PRAGMA cache_size=-3072; PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
    "PRAGMA locking_mode=EXCLUSIVE;"
    "CREATE TABLE entry(slot INTEGER PRIMARY KEY, check_hash INTEGER, place INTEGER, size INTEGER);"
    "BEGIN;";

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

/// A key as the index knows it: 16 bytes of a keyed hash.
struct Hash {
  std::int64_t slot, check;
};

/// Where a value stands.
struct Place {
  std::uint64_t first = 0;
  std::size_t size = 0;
};

}  // namespace

struct SideIndex::State {
  std::unique_ptr<sqlite3, CloseDatabase> database;
  Statement insert, find;
  AppendFile values;
  Bytes hash_key = emvcrypto::system_random(32);
  emvcrypto::Aead aead{emvcrypto::Secret(ByteView(emvcrypto::system_random(32)))};

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

  Hash hash(ByteView key) const {
    const Bytes digest = emvcrypto::sha256({hash_key, key});
    const ByteView bytes = digest;
    return {static_cast<std::int64_t>(emvcrypto::to_number(bytes.first(8))),
            static_cast<std::int64_t>(emvcrypto::to_number(bytes.subspan(8, 8)))};
  }

  /// The entry at hash.slot, or at the first slot behind it that this key has or that is free; the
  /// slot is left there.
  std::optional<Place> look_up(Hash& hash) {
    for (;; hash.slot = hash.slot == INT64_MAX ? INT64_MIN : hash.slot + 1) {
      sqlite3_stmt* statement = find.get();
      sqlite3_bind_int64(statement, 1, hash.slot);
      const int result = sqlite3_step(statement);
      check(result, {SQLITE_ROW, SQLITE_DONE});
      const bool found = result == SQLITE_ROW;
      const bool same = found && sqlite3_column_int64(statement, 0) == hash.check;
      const Place place{found ? static_cast<std::uint64_t>(sqlite3_column_int64(statement, 1)) : 0,
                        found ? static_cast<std::size_t>(sqlite3_column_int64(statement, 2)) : 0};
      sqlite3_reset(statement);
      if (!found) return std::nullopt;
      if (same) return place;
    }
  }

  /// False when the slot is taken.
  bool put(const Hash& hash, const Place& place) {
    sqlite3_stmt* statement = insert.get();
    sqlite3_bind_int64(statement, 1, hash.slot);
    sqlite3_bind_int64(statement, 2, hash.check);
    sqlite3_bind_int64(statement, 3, static_cast<sqlite3_int64>(place.first));
    sqlite3_bind_int64(statement, 4, static_cast<sqlite3_int64>(place.size));
    check(sqlite3_step(statement), {SQLITE_DONE});
    sqlite3_reset(statement);
    return sqlite3_changes(database.get()) == 1;
  }

  /// A place is a nonce that no other value has.
  static Bytes nonce(std::uint64_t place) {
    Bytes bytes;
    emvcrypto::append_number(bytes, place, emvcrypto::Aead::kNonceSize);
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
  state_->insert = state_->prepare("INSERT OR IGNORE INTO entry VALUES(?,?,?,?)");
  state_->find = state_->prepare("SELECT check_hash, place, size FROM entry WHERE slot=?");
}

SideIndex::~SideIndex() = default;

bool SideIndex::insert(ByteView key, ByteView value) {
  State& s = *state_;
  Hash hash = s.hash(key);
  Place place;
  if (!value.empty()) {
    const Bytes sealed = s.aead.seal(State::nonce(s.values.size()), {}, value);
    place = {s.values.append(sealed), sealed.size()};
  }
  if (s.put(hash, place)) return true;
  if (s.look_up(hash)) return false;
  return s.put(hash, place);
}

std::optional<Bytes> SideIndex::find(ByteView key) {
  State& s = *state_;
  Hash hash = s.hash(key);
  const auto place = s.look_up(hash);
  if (!place) return std::nullopt;
  if (place->size == 0) return Bytes{};
  return s.aead.open(State::nonce(place->first), {}, s.values.read(place->first, place->size));
}

}  // namespace kpd
