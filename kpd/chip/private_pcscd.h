/// A pcscd of one's own, with virtual readers, apart from the machine's.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

#include "kpd/chip/descriptor.h"

namespace kpd::chip {

/// The driver library of vpcd in pcscd's folders. Throws std::runtime_error when it is not
/// installed (package vsmartcard-vpcd).
std::filesystem::path find_vpcd_driver();

/// The pcscd program in the usual folders. Throws std::runtime_error when it is not installed.
std::filesystem::path find_pcscd();

/// A pcscd that is reached through its own socket and sees only virtual readers. Any number may
/// run at once. Clients find it by PCSCLITE_CSOCK_NAME=<socket()>.
///
/// It is handed its socket as systemd would. Since it keeps a pid file in /run/pcscd whatever its
/// socket is, it gets a mount namespace in which that folder is empty; where the system allows none
/// it is started without, unless the machine's own pcscd has its socket there. It ends with the
/// thread that made this object at the latest.
class PrivatePcscd {
 public:
  static constexpr std::size_t kMostReaders = 16;

  /// Starts it with this many readers (1-16) and waits until they take chips. `folder` is made
  /// where needed and holds the socket, the configuration, copies of the driver and pcscd.log.
  /// Throws std::invalid_argument for a wrong number or a folder whose path is too long for a
  /// socket, below /run, or with blanks, quotes or #; std::runtime_error or std::system_error when
  /// it does not start.
  PrivatePcscd(const std::filesystem::path& folder, std::size_t readers);

  /// Stops it, waits for its end and removes what it left in the folder.
  ~PrivatePcscd();
  PrivatePcscd(const PrivatePcscd&) = delete;
  PrivatePcscd& operator=(const PrivatePcscd&) = delete;

  /// The socket's path, for PCSCLITE_CSOCK_NAME.
  const std::filesystem::path& socket() const { return socket_; }

  /// The port of each reader; connect a VpcdClient to it.
  const std::vector<std::uint16_t>& ports() const { return ports_; }

  /// The name of each reader in PC/SC, in the order of ports(). pcscd lists one more when their
  /// number is odd, since the driver makes them in pairs.
  const std::vector<std::string>& names() const { return names_; }

  /// The process, while it lives.
  pid_t pid() const { return pid_; }

 private:
  void prepare_folder(std::size_t readers);
  void start();
  void await_readers();
  void stop();
  void clean() noexcept;

  std::filesystem::path folder_;
  std::filesystem::path socket_;
  bool made_folder_ = false;
  std::vector<std::uint16_t> ports_;
  std::vector<std::string> names_;
  pid_t pid_ = -1;
};

}  // namespace kpd::chip
