/// The pool: RSA pairs for cards that were made in quiet hours. Files of sealed pairs in a private
/// folder, and a register of those that were taken, so that no pair is ever given out twice.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "kpd/pool/pool_file.h"

namespace kpd {

/// What is there of one shape.
struct PoolLevel {
  emvcrypto::RsaShape shape;
  std::size_t pairs = 0, files = 0;
  emvcrypto::Date oldest, newest;
};

/// The folder and its register. Processes may use one pool at the same time; within one, a thread
/// at a time.
class KeyPool {
 public:
  /// The folder is made, private, when something is put there.
  explicit KeyPool(std::filesystem::path folder);
  ~KeyPool();
  KeyPool(const KeyPool&) = delete;
  KeyPool& operator=(const KeyPool&) = delete;

  const std::filesystem::path& folder() const { return folder_; }

  /// The folder for new files. Throws Failure(io) when it cannot be made or others may look into
  /// it.
  const std::filesystem::path& open_folder();

  /// Files that can be taken, the oldest first. Throws Failure(io) when the folder cannot be read.
  std::vector<PoolEntry> files() const;
  std::vector<PoolLevel> levels() const;

  /// Makes a file this caller's for good: it is registered as taken, on the disk, and then removed,
  /// before its first pair can be seen. Nothing when another was faster, or when the file was taken
  /// before and came back (it is removed then). Throws as PoolFile does; nothing is taken then.
  std::unique_ptr<PoolFile> take(const PoolEntry& entry, hsm::Token& token,
                                 const hsm::Key& storage);

  /// Takes files out unseen, whatever became of the register. Returns how many pairs went.
  std::size_t purge(const std::function<bool(const PoolEntry&)>& chosen);

 private:
  class Register;
  /// Whether the file became the caller's now.
  bool claim(const PoolEntry& entry);

  std::filesystem::path folder_;
  std::unique_ptr<Register> register_;
};

}  // namespace kpd
