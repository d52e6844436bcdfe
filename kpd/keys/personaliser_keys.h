/// The personaliser's keys over its token: what the loader asks for, done in the device.
#pragma once

#include <map>
#include <memory>

#include "cps/card_file.h"
#include "cps/session_keys.h"
#include "hsm/token.h"
#include "kpd/keys/record_mac.h"

namespace kpd {

/// How a chip's KDC come from KMC.
enum class KdcRule {
  cps,   ///< the six rightmost bytes of KEYDATA (EMV CPS)
  split  ///< its first two bytes and bytes 5-8
};

/// The masters of one role's card keys, by label in the token; a role needs what its cards speak.
struct MasterLabels {
  std::string des;  ///< SCP02
  std::string aes;  ///< SCP03
};
using KeyRoles = std::map<std::string, MasterLabels>;

/// The cards' own keys: KMC and KMC-AES.
KeyRoles default_key_roles();

/// One station's key service for one card file. Not thread-safe; stations have one each and share
/// the token.
class PersonaliserKeys : public cps::KeyService {
 public:
  /// Opens the file's transport keys and finds MAC by label. Throws Failure(hold) or
  /// hsm::SetupError when one is missing or another, or when no master of a role is there.
  PersonaliserKeys(std::shared_ptr<hsm::Token> token, const cps::FileHeader& header,
                   HostWindows& windows, KeyRoles roles = default_key_roles(),
                   KdcRule rule = KdcRule::cps);

  emvcrypto::Scp02Keys scp02_keys(const std::string& role,
                                  const emvcrypto::Scp02CardAnswer& answer) override;
  emvcrypto::Scp03Keys scp03_keys(const std::string& role, const emvcrypto::Scp03CardAnswer& answer,
                                  ByteView host_challenge) override;
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
  struct Masters {
    hsm::Key des, aes;
  };
  const hsm::Key& master(const std::string& role, hsm::Key Masters::*which) const;
  hsm::Key card_key(const hsm::Key& master, ByteView key_data, emvcrypto::CardKey which) const;
  hsm::Usage transport_usage(Window window) const;
  hsm::Usage dek_usage() const;

  std::shared_ptr<hsm::Token> token_;
  HostWindows& windows_;
  KdcRule rule_;
  std::map<std::string, Masters> masters_;  ///< by role
  bool rewraps_;         ///< secrets can go from DES key to DES key inside the device
  hsm::Key dek_;         ///< of the session that was opened last: the one that a station has
  Bytes initial_value_;  ///< of secrets under CBC
  std::map<Bytes, Transport> transport_;
  std::unique_ptr<RecordMac> mac_;
  Bytes mac_key_;  ///< MACkey of the batch, enciphered; empty: the file has none
};

}  // namespace kpd
