#include "kpd/station/card_books.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "kpd/exit_code.h"
#include "kpd/files/sqlite_register.h"

namespace kpd {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTables[] = {
    "CREATE TABLE file(digest TEXT NOT NULL, run TEXT NOT NULL)",
    "CREATE TABLE card(card BIGINT PRIMARY KEY NOT NULL, record TEXT NOT NULL,"
    " state TEXT NOT NULL, chips INTEGER NOT NULL, chip TEXT NOT NULL, station TEXT NOT NULL,"
    " reason TEXT NOT NULL, changed TEXT NOT NULL) WITHOUT ROWID",
    "CREATE INDEX unfinished ON card(state, card) WHERE state <> 'done'"};

constexpr const char* kColumns = "card, record, state, chips, chip, station, reason, changed";
constexpr std::array kStates{CardState::untouched, CardState::begun, CardState::done,
                             CardState::failed, CardState::doubt};

RegisterForm form() {
  return {"books of the card file",
          1,
          {std::begin(kTables), std::end(kTables)},
          "restore them from their backup; without them nobody knows which cards were made",
          true};
}

std::string now() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
}

CardState state_named(const std::string& name) {
  if (const auto state = card_state_named(name)) return *state;
  throw Failure(ExitCode::hold, "the books of the card file have a card that is '" + name +
                                    "': they are of another version of kpd");
}

CardEntry entry_of(const soci::row& row) {
  return {static_cast<std::uint64_t>(row.get<long long>(0)),
          row.get<std::string>(1),
          state_named(row.get<std::string>(2)),
          static_cast<unsigned>(row.get<int>(3)),
          row.get<std::string>(4),
          row.get<std::string>(5),
          row.get<std::string>(6),
          row.get<std::string>(7)};
}

std::string in_state(std::optional<CardState> state) {
  return state ? fmt::format("WHERE state = '{}'", name_of(*state)) : "";
}

const fs::path& made(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder.parent_path(), error);
  if (::mkdir(folder.c_str(), S_IRWXU) != 0 && errno != EEXIST)
    throw Failure(ExitCode::io, fmt::format("{}: the folder of the stations' books cannot be made: "
                                            "{}",
                                            folder.string(), std::strerror(errno)));
  return folder;
}

}  // namespace

const char* name_of(CardState state) {
  switch (state) {
    case CardState::untouched:
      return "untouched";
    case CardState::begun:
      return "begun";
    case CardState::done:
      return "done";
    case CardState::failed:
      return "failed";
    case CardState::doubt:
      return "doubt";
  }
  return "unknown";
}

std::optional<CardState> card_state_named(const std::string& name) {
  for (const CardState state : kStates)
    if (name == name_of(state)) return state;
  return std::nullopt;
}

/// Keeps other processes from the same books. A file of its own: closing a handle of the database
/// would open SQLite's own locks.
class CardBooks::Lock {
 public:
  explicit Lock(const fs::path& file)
      : handle_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR)) {
    if (handle_ < 0)
      throw Failure(ExitCode::io, fmt::format("{}: it cannot be opened: {}", file.string(),
                                              std::strerror(errno)));
    if (::flock(handle_, LOCK_EX | LOCK_NB) == 0) return;
    ::close(handle_);
    throw Failure(ExitCode::try_again,
                  "this card file is being worked on by another process: its cards are made by one "
                  "at a time (" +
                      file.string() + ")");
  }
  ~Lock() { ::close(handle_); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  int handle_;
};

class CardBooks::Register : public SqliteRegister {
 public:
  Register(const fs::path& file, For use) : SqliteRegister(file, form(), use) {}

  void begin(const BookedFile& file) {
    changing([&] {
      int known = 0;
      session() << "SELECT COUNT(*) FROM file", soci::into(known);
      if (known == 0)
        session() << "INSERT INTO file VALUES(:digest, :run)", soci::use(file.digest),
            soci::use(file.run);
      const std::string reason = "the program ended in the middle of it", time = now();
      session() << "UPDATE card SET state = 'doubt', reason = :reason, changed = :changed WHERE"
                   " state = 'begun'",
          soci::use(reason), soci::use(time);
    });
  }

  void write(const std::vector<CardEntry>& entries) {
    changing([&] {
      for (const CardEntry& entry : entries) write(entry);
    });
  }

  std::vector<CardEntry> select(const std::string& where, std::size_t most) {
    return guarded([&] {
      std::vector<CardEntry> found;
      const soci::rowset<soci::row> rows =
          (session().prepare << fmt::format("SELECT {} FROM card {} ORDER BY card LIMIT {}",
                                            kColumns, where, most));
      for (const soci::row& row : rows) found.push_back(entry_of(row));
      return found;
    });
  }

  BookCounts counts() {
    return {count(CardState::begun), count(CardState::done), count(CardState::failed),
            count(CardState::doubt)};
  }

 private:
  std::uint64_t count(CardState state) {
    return guarded([&] {
      long long count = 0;
      const std::string name = name_of(state);
      session() << "SELECT COUNT(*) FROM card WHERE state = :state", soci::into(count),
          soci::use(name);
      return static_cast<std::uint64_t>(count);
    });
  }

  void write(const CardEntry& entry) {
    const auto card = static_cast<long long>(entry.card);
    const std::string state = name_of(entry.state), time = now();
    const auto chips = static_cast<int>(entry.chips);
    session() << "INSERT OR REPLACE INTO card VALUES(:card, :record, :state, :chips, :chip,"
                 " :station, :reason, :changed)",
        soci::use(card), soci::use(entry.record), soci::use(state), soci::use(chips),
        soci::use(entry.chip), soci::use(entry.station), soci::use(entry.reason), soci::use(time);
  }
};

BooksView read_books(const fs::path& folder, const BookedFile& file, std::optional<CardState> state,
                     std::size_t most) {
  const fs::path place = CardBooks::place(folder, file);
  if (!SqliteRegister::is_there(place)) return {};
  CardBooks::Register books(place, SqliteRegister::For::reading);
  return {books.counts(), books.select(in_state(state), most)};
}

fs::path CardBooks::place(const fs::path& folder, const BookedFile& file) {
  constexpr std::size_t kName = 32;
  return folder / (file.digest.substr(0, kName) + ".db");
}

CardBooks::CardBooks(const fs::path& folder, const BookedFile& file)
    : lock_(std::make_unique<Lock>(place(made(folder), file).replace_extension(".lock"))),
      register_(std::make_unique<Register>(place(folder, file), SqliteRegister::For::change)) {
  register_->begin(file);
  writer_ = std::thread([this] { write_lines(); });
}

CardBooks::~CardBooks() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  work_.notify_one();
  writer_.join();
}

CardState CardBooks::state(std::uint64_t card) {
  const auto found = entry(card);
  return found ? found->state : CardState::untouched;
}

std::optional<CardEntry> CardBooks::entry(std::uint64_t card) {
  const std::lock_guard lock(register_mutex_);
  auto found = register_->select(fmt::format("WHERE card = {}", card), 1);
  return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
}

std::vector<CardEntry> CardBooks::entries(std::optional<CardState> state, std::size_t most) {
  const std::lock_guard lock(register_mutex_);
  return register_->select(in_state(state), most);
}

BookCounts CardBooks::counts() {
  const std::lock_guard lock(register_mutex_);
  return register_->counts();
}

void CardBooks::write(CardEntry entry) {
  await(enqueue(std::move(entry)));
}

void CardBooks::write_soon(CardEntry entry) {
  enqueue(std::move(entry));
}

void CardBooks::flush() {
  std::unique_lock lock(mutex_);
  const std::uint64_t number = asked_;
  lock.unlock();
  await(number);
}

std::uint64_t CardBooks::enqueue(CardEntry entry) {
  std::uint64_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    if (failure_) std::rethrow_exception(failure_);
    waiting_.push_back(std::move(entry));
    number = ++asked_;
  }
  work_.notify_one();
  return number;
}

void CardBooks::await(std::uint64_t number) {
  std::unique_lock lock(mutex_);
  written_.wait(lock, [&] { return failure_ || on_disk_ >= number; });
  if (failure_) std::rethrow_exception(failure_);
}

/// The writer's thread: whatever stations ask for while one change is on its way to the disk goes
/// with the next one.
void CardBooks::write_lines() {
  std::unique_lock lock(mutex_);
  for (;;) {
    work_.wait(lock, [&] { return ending_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    const std::vector<CardEntry> lines = std::exchange(waiting_, {});
    lock.unlock();
    std::exception_ptr failure;
    try {
      const std::lock_guard register_lock(register_mutex_);
      register_->write(lines);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    if (failure) failure_ = failure;
    on_disk_ += lines.size();
    written_.notify_all();
  }
}

}  // namespace kpd
