/// A TCP wire on loopback that can be cut.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cstring>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "kpd/chip/descriptor.h"

namespace kpd_test {

/// Forwards connections to 127.0.0.1:`target`.
class CuttingProxy {
 public:
  explicit CuttingProxy(std::uint16_t target) : target_(target) {
    sockaddr_in address = loopback(0);
    sockaddr generic{};
    std::memcpy(&generic, &address, sizeof address);
    socklen_t size = sizeof generic;
    if (::bind(listener_.get(), &generic, size) != 0 || ::listen(listener_.get(), SOMAXCONN) != 0 ||
        ::getsockname(listener_.get(), &generic, &size) != 0)
      throw std::runtime_error("no port for the proxy");
    std::memcpy(&address, &generic, sizeof address);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~CuttingProxy() {
    ending_ = true;
    ::shutdown(listener_.get(), SHUT_RDWR);
    acceptor_.join();
    cut();
    for (std::thread& pump : pumps_) pump.join();
  }
  CuttingProxy(const CuttingProxy&) = delete;
  CuttingProxy& operator=(const CuttingProxy&) = delete;

  std::uint16_t port() const { return port_; }

  /// Ends every present connection: what is under way arrives nowhere.
  void cut() {
    const std::lock_guard lock(mutex_);
    for (const auto& wire : wires_) wire->cut();
  }

  /// The next bytes from a client end its connection and arrive nowhere.
  void swallow_next_request() { swallow_ = true; }

  /// New connections end at once, or do not.
  void stay_cut(bool yes) { closed_ = yes; }

 private:
  struct Wire {
    kpd::chip::Descriptor client, server;
    void cut() const {
      ::shutdown(client.get(), SHUT_RDWR);
      ::shutdown(server.get(), SHUT_RDWR);
    }
  };

  static sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }

  void accept_all() {
    while (!ending_) {
      kpd::chip::Descriptor client(::accept(listener_.get(), nullptr, nullptr));
      if (!client || closed_) continue;
      auto wire = std::make_shared<Wire>();
      wire->client = std::move(client);
      wire->server = kpd::chip::Descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      const sockaddr_in address = loopback(target_);
      sockaddr generic{};
      std::memcpy(&generic, &address, sizeof address);
      if (::connect(wire->server.get(), &generic, sizeof generic) != 0) continue;
      const std::lock_guard lock(mutex_);
      wires_.push_back(wire);
      pumps_.emplace_back(
          [this, wire] { pump(*wire, wire->client.get(), wire->server.get(), true); });
      pumps_.emplace_back(
          [this, wire] { pump(*wire, wire->server.get(), wire->client.get(), false); });
    }
  }

  void pump(const Wire& wire, int from, int to, bool request) {
    std::array<char, 16384> buffer;
    for (;;) {
      const ssize_t got = ::recv(from, buffer.data(), buffer.size(), 0);
      if (got <= 0 || (request && swallow_.exchange(false)) ||
          ::send(to, buffer.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL) != got)
        return wire.cut();
    }
  }

  const std::uint16_t target_;
  std::uint16_t port_ = 0;
  kpd::chip::Descriptor listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::atomic<bool> ending_ = false, closed_ = false, swallow_ = false;
  std::mutex mutex_;
  std::vector<std::shared_ptr<Wire>> wires_;
  std::vector<std::thread> pumps_;
  std::thread acceptor_;
};

}  // namespace kpd_test
