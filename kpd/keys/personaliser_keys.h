/// The personaliser's keys over its token: what the loader asks for, done in the device.
#pragma once

#include <map>
#include <memory>

#include "cps/card_file.h"
#include "cps/session_keys.h"
#include "hsm/token.h"
#include "kpd/keys/record_mac.h"
#include "kpd/keys/role_keys.h"

namespace kpd {

/// One station's key service for one card file. Not thread-safe; stations have one each and share
/// the token.
class PersonaliserKeys : public cps::KeyService {
 public:
  /// Opens the file's transport keys and finds MAC by label. Throws Failure(hold) or
  /// hsm::SetupError when one is missing or another, or when no master of a role is there.
  PersonaliserKeys(std::shared_ptr<hsm::Token> token, const cps::FileHeader& header,
                   HostWindows& windows, const KeyRoles& roles = default_key_roles());

  emvcrypto::Scp02Keys scp02_keys(const std::string& role,
                                  const emvcrypto::Scp02CardAnswer& answer) override;
  emvcrypto::Scp03Keys scp03_keys(const std::string& role, const emvcrypto::Scp03CardAnswer& answer,
                                  ByteView host_challenge) override;
  cps::CardKeyField key_for_card(const std::string& role, ByteView key_data,
                                 emvcrypto::CardKey which,
                                 emvcrypto::SecureChannel& session) override;
  Bytes encipher_data(const cps::DataKey& key, bool cbc, ByteView data) override {
    return roles_.encipher_data(key, cbc, data);
  }
  Bytes mac_data(const cps::DataKey& key, ByteView data) override {
    return roles_.mac_data(key, data);
  }
  Bytes random(std::size_t count) override { return token_->random(count); }
  Bytes rewrap(ByteView key_id, std::uint8_t mode, ByteView value,
               emvcrypto::SecureChannel& session) override;
  bool mac_is_right(ByteView enciphered_key, ByteView input, ByteView mac) override;

  /// Whether a file's trailer carries the right MAC of its digest (32 bytes) under the batch's MAC
  /// key; false when the file has no MAC key.
  bool trailer_mac_is_right(ByteView digest, ByteView mac);

  /// A PIN block under its transport key, in clear: test jobs only. mode: CMODE, as rewrap.
  emvcrypto::Secret open_pin(ByteView key_id, std::uint8_t mode, ByteView value);

 private:
  struct Transport {
    hsm::Key key;
    Window window;
  };
  const Transport& transport(ByteView key_id) const;
  hsm::Usage transport_usage(Window window) const;
  hsm::Usage dek_usage() const;
  bool rewraps_inside(const Transport& from, std::uint8_t mode) const;

  std::shared_ptr<hsm::Token> token_;
  HostWindows& windows_;
  RoleKeys roles_;
  bool rewraps_;         ///< secrets can go from DES key to DES key inside the device
  hsm::Key dek_;         ///< of the session that was opened last: the one that a station has
  Bytes initial_value_;  ///< of secrets under CBC
  std::map<Bytes, Transport> transport_;
  std::unique_ptr<RecordMac> mac_;
  Bytes mac_key_;  ///< MACkey of the batch, enciphered; empty: the file has none
};

}  // namespace kpd
