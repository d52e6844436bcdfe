/// The MAC over CPS records (section 3d): a key of the batch, and its opening at the other end.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "emvcrypto/mac.h"
#include "hsm/token.h"
#include "kpd/keys/host_window.h"

namespace kpd {

/// Role of the key that preparation and personaliser share for record MACs.
inline constexpr std::string_view kMacRole = "MAC";

/// MACs under keys that travel enciphered in 3d. The enciphered key is drawn at random and the
/// clear one is what the MAC key deciphers it to; so whoever holds MAC has both, and nobody else.
/// Thread-safe.
class RecordMac {
 public:
  static constexpr std::size_t kMacSize = 4;  ///< MACINP

  /// mac: a DES key that may unwrap (then the batch's key stays inside the device) or decrypt.
  RecordMac(std::shared_ptr<hsm::Token> token, hsm::Key mac, HostWindows& windows)
      : token_(std::move(token)), mac_(std::move(mac)), windows_(windows) {}

  /// 16 random bytes: MACkey of a new batch, enciphered.
  Bytes draw_key();

  /// MACINP of each input under this MACkey: the 4 leftmost bytes of the retail MAC, padding 2.
  std::vector<Bytes> macs(ByteView enciphered_key, std::span<const Bytes> inputs);

  /// The whole 8 bytes, for the file's trailer.
  Bytes whole_mac(ByteView enciphered_key, ByteView input);

 private:
  using Opened = std::shared_ptr<const emvcrypto::RetailMacKey>;
  Opened open(ByteView enciphered_key);
  emvcrypto::RetailMacKey open_inside(ByteView enciphered_key) const;
  emvcrypto::RetailMacKey open_in_host(ByteView enciphered_key);

  std::shared_ptr<hsm::Token> token_;
  hsm::Key mac_;
  HostWindows& windows_;
  std::mutex mutex_;                ///< of what follows
  std::map<Bytes, Opened> opened_;  ///< a batch has one; bounded by kMaxOpened
  static constexpr std::size_t kMaxOpened = 64;
};

}  // namespace kpd
