/// The key service of the card edge: what the personaliser's device does for one card, so that the
/// loader never sees a key.
#pragma once

#include <memory>
#include <string>

#include "emvcrypto/derivation.h"
#include "emvcrypto/scp02.h"
#include "emvcrypto/scp03.h"

namespace cps {

using emvcrypto::Bytes;
using emvcrypto::ByteView;

/// Keys are asked for by role, never by value; this role's are those that the card was delivered
/// with.
inline constexpr const char* kCardRole = "card";

/// A card's key on its way to the card: what PUT KEY says of it.
struct CardKeyField {
  std::size_t size = 0;  ///< bytes of the key
  Bytes enciphered;      ///< under the session's DEK, whole blocks of its cipher
  Bytes check_value;     ///< 3 bytes
};

/// One of a chip's keys in a role that is for data.
struct DataKey {
  std::string role;
  Bytes key_data;  ///< 10 bytes
  emvcrypto::CardKey which = emvcrypto::CardKey::enc;
};

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

  /// A key of the chip with this KEYDATA (10 bytes) in that role, under the DEK of the session that
  /// was opened last: a 3DES key for SCP02, an AES key for SCP03. Throws std::invalid_argument on
  /// an unknown role, or one whose keys do not go to cards.
  virtual CardKeyField key_for_card(const std::string& role, ByteView key_data,
                                    emvcrypto::CardKey which,
                                    emvcrypto::SecureChannel& session) = 0;

  /// Data under a key of the chip with this KEYDATA in a role that is for data: 3DES or AES, as the
  /// role has it; whole blocks, a zero initial value under CBC. Throws std::invalid_argument as
  /// key_for_card, and on other lengths.
  virtual Bytes encipher_data(const DataKey& key, bool cbc, ByteView data) = 0;

  /// A MAC over data of any length by such a key: 8 bytes by ISO/IEC 9797-1 algorithm 3 with
  /// padding 80 00.. (retail MAC) for 3DES, 16 bytes by CMAC for AES. Throws as encipher_data; and
  /// on a 3DES key that is not derived, since the device does not give its left half.
  virtual Bytes mac_data(const DataKey& key, ByteView data) = 0;

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
