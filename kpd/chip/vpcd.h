/// The card's end of vpcd, the virtual reader driver of pcscd: a chip behind a TCP port.
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "kpd/chip/descriptor.h"
#include "kpd/chip/port.h"

namespace kpd::chip {

/// Puts a slot's content into a virtual reader and serves it on a thread of its own until told to
/// stop, the reader goes away, or the slot is empty.
///
/// Messages have a length of 2 bytes, most significant first; those of one byte are 0 power off,
/// 1 power on, 2 reset, 4 give the ATR; all others are APDUs. A new connection is an insertion: the
/// chip is without power until the first power-on or APDU.
class VpcdClient {
 public:
  /// Connects to the reader's port, trying again until `patience` is over. Throws
  /// std::system_error when nobody listens. `card` outlives the client and is touched by its thread
  /// alone until stop().
  VpcdClient(ChipPort& card, std::uint16_t port, const std::string& address = "127.0.0.1",
             std::chrono::milliseconds patience = std::chrono::seconds(5));
  ~VpcdClient();
  VpcdClient(const VpcdClient&) = delete;
  VpcdClient& operator=(const VpcdClient&) = delete;

  /// Takes the chip out of the reader and waits for the thread.
  void stop();

  /// False after stop(), or when the reader or the chip ended the connection.
  bool is_running() const { return running_; }

  /// Why the chip ended it (a source of card keys that failed, for example); empty when it did not.
  /// To be asked when it is not running.
  const std::string& error() const { return error_; }

 private:
  void serve();
  bool answer(ByteView message);
  bool send(ByteView message);
  bool receive(Bytes& message);
  bool receive_exactly(emvcrypto::MutableBytes out);

  ChipPort& card_;
  Descriptor socket_;
  bool powered_ = false;
  std::string error_;
  std::atomic<bool> running_ = true;
  std::thread thread_;
};

}  // namespace kpd::chip
