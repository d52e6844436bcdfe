/// The key service of the card edge: what the personaliser's device does for one card, so that the
/// loader never sees a key.
#pragma once

#include <memory>
#include <string>

#include "emvcrypto/scp02.h"
#include "emvcrypto/scp03.h"

namespace cps {

using emvcrypto::Bytes;
using emvcrypto::ByteView;

/// Keys are asked for by role, never by value; this role's are those that the card was delivered
/// with.
inline constexpr const char* kCardRole = "card";

/// The personaliser's keys behind the loader. Implemented over an HSM; over clear keys in tests.
class KeyService {
 public:
  virtual ~KeyService() = default;

  /// Session keys for the chip that gave this answer to INITIALIZE UPDATE: KMC to KDC to session
  /// keys. Throw std::invalid_argument on an unknown role.
  virtual emvcrypto::Scp02Keys scp02_keys(const std::string& role,
                                          const emvcrypto::Scp02CardAnswer& answer) = 0;
  virtual emvcrypto::Scp03Keys scp03_keys(const std::string& role,
                                          const emvcrypto::Scp03CardAnswer& answer,
                                          ByteView host_challenge) = 0;

  /// Random bytes for the host challenge.
  virtual Bytes random(std::size_t count) = 0;

  /// A DGI value from under its transport key to under the session's DEK. key_id: IDTK; mode:
  /// CMODE; value: whole blocks of the transport key. Where they are no whole blocks of the
  /// session's, 80 00.. fills the last one. Throws std::invalid_argument on an unknown key or mode.
  virtual Bytes rewrap(ByteView key_id, std::uint8_t mode, ByteView value,
                       emvcrypto::SecureChannel& session) = 0;

  /// Whether a record MAC is right: `enciphered_key` is 3d's MACkey, `input` what cps::mac_input
  /// gave.
  virtual bool mac_is_right(ByteView enciphered_key, ByteView input, ByteView mac) = 0;
};

}  // namespace cps
