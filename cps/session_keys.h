/// The key service of the card edge: what the personaliser's device does for one card, so that the
/// loader never sees a key.
#pragma once

#include <memory>

#include "emvcrypto/scp02.h"

namespace cps {

using emvcrypto::Bytes;
using emvcrypto::ByteView;

/// The personaliser's keys behind the loader. Implemented over an HSM; over clear keys in tests.
class KeyService {
 public:
  virtual ~KeyService() = default;

  /// Session keys of SCP02 for the chip with this KEYDATA (10 bytes), its key set version and its
  /// sequence counter (2 bytes): KMC to KDC to session keys.
  virtual emvcrypto::Scp02Keys scp02_keys(ByteView key_data, std::uint8_t key_version,
                                          ByteView sequence) = 0;

  /// Random bytes for the host challenge.
  virtual Bytes random(std::size_t count) = 0;

  /// A DGI value from under its transport key to under the session's DEK by ECB. key_id: IDTK;
  /// mode: CMODE; value: whole blocks. Throws std::invalid_argument on an unknown key or mode.
  virtual Bytes rewrap(ByteView key_id, std::uint8_t mode, ByteView value,
                       emvcrypto::Scp02Session& session) = 0;

  /// Whether a record MAC is right: `enciphered_key` is 3d's MACkey, `input` what cps::mac_input
  /// gave.
  virtual bool mac_is_right(ByteView enciphered_key, ByteView input, ByteView mac) = 0;
};

}  // namespace cps
