/// A file that is there whole or not at all.
#pragma once

#include <filesystem>
#include <memory>
#include <ostream>

namespace kpd {

/// Writes beside the target (mode 0600) and takes its name only at commit(): data synced, renamed,
/// folder synced. Without commit() nothing of it stays.
class AtomicFile {
 public:
  /// Throws Failure(io) when the folder cannot be written.
  explicit AtomicFile(std::filesystem::path target);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  std::ostream& stream();

  /// Throws Failure(io) when anything could not be written; the target is then as it was.
  void commit();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kpd
