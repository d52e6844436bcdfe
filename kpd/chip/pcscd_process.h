/// Starting pcscd as a child with a socket handed over and /run/pcscd out of its sight.
#pragma once

#include <sys/types.h>

#include <filesystem>

namespace kpd::chip {

/// What the child is started with.
struct PcscdProcess {
  std::filesystem::path program;
  std::filesystem::path configuration;  ///< folder of reader.conf files
  std::filesystem::path log;            ///< takes its output
  int listening_socket;                 ///< becomes descriptor 3
};

/// Forks and executes. Returns the child's pid once pcscd runs; throws std::system_error, or
/// std::runtime_error when it would have to share /run/pcscd with the machine's own pcscd.
pid_t start_pcscd(const PcscdProcess& process);

}  // namespace kpd::chip
