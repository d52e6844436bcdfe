/// Another pcscd of this machine, reached through a process of its own: PC/SC's library knows one
/// service a process.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <vector>

#include "kpd/remote/station_address.h"

namespace kpd {

/// A child `kpd station --unix` that serves the readers behind one pcscd's socket. It ends with
/// this object, or with the thread that made it at the latest.
class LocalStation : public std::enable_shared_from_this<LocalStation> {
 public:
  /// Starts it and waits until it listens. Throws cps::SlotGone when it does not; what it said
  /// stands on standard error then.
  static std::shared_ptr<LocalStation> start(
      const std::filesystem::path& pcscd_socket,
      const std::filesystem::path& program = "/proc/self/exe");

  ~LocalStation();
  LocalStation(const LocalStation&) = delete;
  LocalStation& operator=(const LocalStation&) = delete;

  /// Its readers, named "LABEL/READER". They keep the process. Throws cps::SlotGone.
  std::vector<SlotPlace> places(const std::string& label) const;

  pid_t pid() const { return pid_; }

 private:
  LocalStation() = default;
  void stop() noexcept;

  std::filesystem::path folder_, socket_;
  pid_t pid_ = -1;
};

}  // namespace kpd
