/// A file that is there whole or not at all.
#pragma once

#include <filesystem>
#include <memory>
#include <ostream>

namespace kpd {

/// Writes to a file without a name in the target's folder (mode 0600), which takes its name only at
/// commit(): data synced, renamed, folder synced. Without commit() nothing of it stays, whatever
/// ends the process.
class AtomicFile {
 public:
  /// Throws Failure(io) when the folder cannot be written.
  explicit AtomicFile(std::filesystem::path target);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  std::ostream& stream();

  /// Everything written so far is on the disk. Throws Failure(io) when it could not be written.
  void sync();

  /// sync(), then the target is this file. Throws Failure(io); the target is then as it was.
  void commit();

  /// commit() that can be taken back: without settle() the target is again what it was when this
  /// object goes. Until then the old file is kept beside it as kept_name(); when the machine stops
  /// in between it stays there. Throws Failure(io), also when that name is taken.
  void replace();
  void settle();
  /// "out/pins.jsonl" to "out/.pins.jsonl.before".
  static std::filesystem::path kept_name(const std::filesystem::path& target);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace kpd
