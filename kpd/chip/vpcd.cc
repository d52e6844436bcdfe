#include "kpd/chip/vpcd.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <system_error>

namespace kpd::chip {
namespace {

enum Control : std::uint8_t { power_off = 0, power_on = 1, reset = 2, give_atr = 4 };

void set_option(int fd, int option) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, option, &on, sizeof on);
}

sockaddr_in address_of(const std::string& address, std::uint16_t port) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(port);
  if (::inet_pton(AF_INET, address.c_str(), &result.sin_addr) != 1)
    throw std::invalid_argument("not an IPv4 address: " + address);
  return result;
}

Descriptor connect_to(const sockaddr_in& address, std::chrono::milliseconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  for (;;) {
    Descriptor fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (!fd) throw std::system_error(errno, std::generic_category(), "socket");
    sockaddr generic{};
    static_assert(sizeof generic == sizeof address);
    std::memcpy(&generic, &address, sizeof address);
    if (::connect(fd.get(), &generic, sizeof generic) == 0) return fd;
    if (std::chrono::steady_clock::now() >= deadline)
      throw std::system_error(
          errno, std::generic_category(),
          "no virtual reader at port " + std::to_string(ntohs(address.sin_port)));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

}  // namespace

VpcdClient::VpcdClient(ChipPort& card, std::uint16_t port, const std::string& address,
                       std::chrono::milliseconds patience)
    : card_(card), socket_(connect_to(address_of(address, port), patience)) {
  // Without these two, acknowledgements are delayed and a chip does 21 commands a second.
  set_option(socket_.get(), TCP_NODELAY);
  thread_ = std::thread([this] { serve(); });
}

VpcdClient::~VpcdClient() {
  stop();
}

void VpcdClient::stop() {
  ::shutdown(socket_.get(), SHUT_RDWR);
  if (thread_.joinable()) thread_.join();
}

void VpcdClient::serve() {
  try {
    Bytes message;
    while (receive(message) && answer(message)) continue;
    card_.power_off();
  } catch (const std::exception& failure) {
    error_ = failure.what();
  }
  ::shutdown(socket_.get(), SHUT_RDWR);
  running_ = false;
}

/// False when the slot is empty: the reader sees the card leave.
bool VpcdClient::answer(ByteView message) {
  if (message.size() != 1) {
    if (!powered_) powered_ = !card_.power_on().empty();
    const Bytes response = card_.transmit(message);
    return !response.empty() && send(response);
  }
  switch (message[0]) {
    case Control::power_off:
      card_.power_off();
      powered_ = false;
      return true;
    case Control::power_on:
      powered_ = !card_.power_on().empty();
      return powered_;
    case Control::reset:
      if (powered_) return !card_.warm_reset().empty();
      powered_ = !card_.power_on().empty();
      return powered_;
    case Control::give_atr: {
      const Bytes atr = card_.atr();
      return !atr.empty() && send(atr);
    }
    default:
      return true;  // a control byte that this driver does not have
  }
}

bool VpcdClient::send(ByteView message) {
  Bytes framed;
  emvcrypto::append_number(framed, message.size(), 2);
  emvcrypto::append(framed, message);
  ByteView rest = framed;
  while (!rest.empty()) {
    const auto sent = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    rest = rest.subspan(static_cast<std::size_t>(sent));
  }
  return true;
}

bool VpcdClient::receive(Bytes& message) {
  std::uint8_t length[2];
  if (!receive_exactly(length)) return false;
  message.resize(emvcrypto::to_number(length));
  return receive_exactly(message);
}

bool VpcdClient::receive_exactly(emvcrypto::MutableBytes out) {
  while (!out.empty()) {
    set_option(socket_.get(), TCP_QUICKACK);  // the kernel forgets it after each use
    const auto got = ::recv(socket_.get(), out.data(), out.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    out = out.subspan(static_cast<std::size_t>(got));
  }
  return true;
}

}  // namespace kpd::chip
