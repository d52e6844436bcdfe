#include "kpd/pool/key_pool.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <tuple>

#include "kpd/exit_code.h"
#include "kpd/files/sqlite_register.h"

namespace kpd {
namespace {

namespace fs = std::filesystem;

constexpr const char* kTable =
    "CREATE TABLE taken(id TEXT PRIMARY KEY NOT NULL, file TEXT NOT NULL) WITHOUT ROWID";

auto order_of(const PoolEntry& entry) {
  return std::tuple(entry.made, entry.file.filename().string());
}

void remove_file(const fs::path& file) {
  std::error_code error;
  fs::remove(file, error);
  if (error)
    throw Failure(ExitCode::io, fmt::format("{}: a file of the pool cannot be removed: {}",
                                            file.string(), error.message()));
}

void sync_folder(const fs::path& folder) {
  const int handle = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = handle >= 0 && ::fsync(handle) == 0;
  const int reason = errno;
  if (handle >= 0) ::close(handle);
  if (!synced)
    throw Failure(ExitCode::io, fmt::format("{}: the pool's folder cannot be synced: {}",
                                            folder.string(), std::strerror(reason)));
}

}  // namespace

/// Files that were taken. An entry is there before the first pair of its file is seen, and stays.
class KeyPool::Register : public SqliteRegister {
 public:
  explicit Register(const fs::path& folder)
      : SqliteRegister(folder / "taken.db",
                       {"register of the pool",
                        1,
                        {kTable},
                        "purge the pool (kpd pool purge --all), then remove this file"},
                       For::change) {}

  /// False when it was taken before.
  bool add(const PoolEntry& entry) {
    return changing([&] {
      const std::string file = entry.file.filename().string();
      soci::statement insert =
          (session().prepare << "INSERT OR IGNORE INTO taken VALUES(:id, :file)",
           soci::use(entry.id), soci::use(file));
      insert.execute(true);
      return insert.get_affected_rows() == 1;
    });
  }
};

KeyPool::KeyPool(fs::path folder) : folder_(std::move(folder)) {}
KeyPool::~KeyPool() = default;

const fs::path& KeyPool::open_folder() {
  if (::mkdir(folder_.c_str(), S_IRWXU) != 0 && errno != EEXIST)
    throw Failure(ExitCode::io, fmt::format("{}: the pool's folder cannot be made: {}",
                                            folder_.string(), std::strerror(errno)));
  struct stat about {};
  if (::stat(folder_.c_str(), &about) != 0 || !S_ISDIR(about.st_mode) ||
      (about.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    throw Failure(ExitCode::io, folder_.string() +
                                    ": the pool's folder must be private: chmod 700, and its "
                                    "owner's who fills and takes");
  return folder_;
}

std::vector<PoolEntry> KeyPool::files() const {
  std::vector<PoolEntry> found;
  std::error_code error;
  const fs::directory_iterator folder(folder_, error);
  if (error == std::errc::no_such_file_or_directory) return found;
  if (error)
    throw Failure(ExitCode::io, fmt::format("{}: the pool's folder cannot be read: {}",
                                            folder_.string(), error.message()));
  for (const fs::directory_entry& item : folder)
    if (auto entry = read_pool_file_name(item.path())) found.push_back(std::move(*entry));
  std::ranges::sort(found, {}, order_of);
  return found;
}

std::vector<PoolLevel> KeyPool::levels() const {
  std::vector<PoolLevel> levels;
  for (const PoolEntry& entry : files()) {
    auto level = std::ranges::find(levels, entry.shape, &PoolLevel::shape);
    if (level == levels.end())
      level = levels.insert(levels.end(), {entry.shape, 0, 0, entry.made, entry.made});
    level->pairs += entry.pairs;
    ++level->files;
    level->newest = std::max(level->newest, entry.made);
  }
  return levels;
}

bool KeyPool::claim(const PoolEntry& entry) {
  if (!register_) register_ = std::make_unique<Register>(open_folder());
  return register_->add(entry);
}

std::unique_ptr<PoolFile> KeyPool::take(const PoolEntry& entry, hsm::Token& token,
                                        const hsm::Key& storage) {
  // Read before it is claimed: whoever finds it claimed may remove it.
  std::unique_ptr<PoolFile> file;
  try {
    file = std::make_unique<PoolFile>(entry, token, storage);
  } catch (const Failure&) {
    if (fs::exists(entry.file)) throw;
    return nullptr;
  }
  const bool mine = claim(entry);
  remove_file(entry.file);
  sync_folder(folder_);
  return mine ? std::move(file) : nullptr;
}

std::size_t KeyPool::purge(const std::function<bool(const PoolEntry&)>& chosen) {
  std::size_t pairs = 0;
  for (const PoolEntry& entry : files()) {
    if (!chosen(entry)) continue;
    bool mine = true;
    try {
      mine = claim(entry);
    } catch (const Failure& failure) {
      // Without a sound register nobody can take the file; it goes all the same.
      if (failure.code() != ExitCode::hold) throw;
    }
    if (mine) pairs += entry.pairs;
    remove_file(entry.file);
  }
  return pairs;
}

}  // namespace kpd
