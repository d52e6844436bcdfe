/// The readers of this host, served to others.
#pragma once

#include <filesystem>
#include <memory>

#include "kpd/remote/lease_book.h"
#include "kpd/remote/tls_files.h"

namespace kpd {

class StationHost {
 public:
  /// Listens at "HOST:PORT" under mutual TLS; port 0 is any free one. Clients without a certificate
  /// of the authority are not served. Throws Failure(hold) for certificates that are none,
  /// Failure(io) when the address cannot be had.
  StationHost(LeaseBook::Options options, const std::string& address, const TlsFiles& tls);

  /// Listens at a Unix socket, whose folder must be this user's and closed to others: no TLS.
  /// Throws Failure(hold) for another folder, Failure(io) when it cannot listen.
  StationHost(LeaseBook::Options options, const std::filesystem::path& socket);

  /// Ends the service and lets go of every card; a command that runs is waited for.
  ~StationHost();
  StationHost(const StationHost&) = delete;
  StationHost& operator=(const StationHost&) = delete;

  /// Where it listens: "HOST:PORT", the port being the real one, or the socket's path.
  const std::string& address() const { return address_; }

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::string address_;
};

}  // namespace kpd
