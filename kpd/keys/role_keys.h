/// Card keys by role, derived inside the personaliser's device.
#pragma once

#include "cps/session_keys.h"
#include "emvcrypto/derivation.h"
#include "emvcrypto/secure_channel.h"
#include "hsm/token.h"
#include "kpd/keys/aes_derivation.h"
#include "kpd/keys/host_window.h"
#include "kpd/keys/key_roles.h"

namespace kpd {

/// The keys of every role. All functions throw std::invalid_argument on a role that is not there,
/// has another use, has no key of the cipher, or where KEYDATA is wanted and is not there.
class RoleKeys {
 public:
  /// Throws Failure(hold) when no key of a role is in the token, one has a length that is not
  /// derived from, or one has two uses.
  RoleKeys(std::shared_ptr<hsm::Token> token, HostWindows& windows, const KeyRoles& roles);

  /// A chip's key; a fixed one may what it may in the token. key_data: 10 bytes.
  hsm::Key des_key(const std::string& role, emvcrypto::ByteView key_data, emvcrypto::CardKey which,
                   CardKeyUse use, const hsm::Usage& usage) const;
  hsm::Key aes_key(const std::string& role, emvcrypto::ByteView key_data, emvcrypto::CardKey which,
                   CardKeyUse use, const hsm::Usage& usage) const;

  /// A chip's key as it leaves for the card.
  struct Leaving {
    std::size_t size;
    emvcrypto::Bytes enciphered, check_value;
  };

  /// Whether a session's DEK should be able to wrap: keys of its cipher go under it in the device.
  bool wraps(bool aes) const;

  /// A chip's key under the session's DEK: inside the device when `dek` may wrap there, else
  /// through the host window card_keys and `session`. The cipher is that of `dek`. Fixed keys do
  /// not leave.
  Leaving under_dek(const std::string& role, emvcrypto::ByteView key_data, emvcrypto::CardKey which,
                    const hsm::Key& dek, emvcrypto::SecureChannel& session) const;

  /// As cps::KeyService has them.
  emvcrypto::Bytes encipher_data(const cps::DataKey& key, bool cbc, emvcrypto::ByteView data) const;
  emvcrypto::Bytes mac_data(const cps::DataKey& key, emvcrypto::ByteView data) const;

 private:
  struct Masters {
    hsm::Key des;
    AesMaster aes;
    CardKeyRole role;
  };
  const Masters& find(const std::string& role, CardKeyUse use) const;

  void keep_uses_apart() const;
  hsm::Key data_key(const cps::DataKey& key) const;
  hsm::Key left_half(const cps::DataKey& key) const;

  std::shared_ptr<hsm::Token> token_;
  HostWindows& windows_;
  std::map<std::string, Masters> masters_;
};

}  // namespace kpd
