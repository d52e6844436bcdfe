/// A key service around another one, which does all the work: a base for those that change one
/// thing.
#pragma once

#include "cps/session_keys.h"

namespace kpd {

class KeyServiceAround : public cps::KeyService {
 public:
  /// keys: outlives it.
  explicit KeyServiceAround(cps::KeyService& keys) : keys_(keys) {}

  emvcrypto::Scp02Keys scp02_keys(const std::string& role,
                                  const emvcrypto::Scp02CardAnswer& answer) override {
    return keys_.scp02_keys(role, answer);
  }
  emvcrypto::Scp03Keys scp03_keys(const std::string& role, const emvcrypto::Scp03CardAnswer& answer,
                                  emvcrypto::ByteView host_challenge) override {
    return keys_.scp03_keys(role, answer, host_challenge);
  }
  cps::CardKeyField key_for_card(const std::string& role, emvcrypto::ByteView key_data,
                                 emvcrypto::CardKey which,
                                 emvcrypto::SecureChannel& session) override {
    return keys_.key_for_card(role, key_data, which, session);
  }
  emvcrypto::Bytes encipher_data(const cps::DataKey& key, bool cbc,
                                 emvcrypto::ByteView data) override {
    return keys_.encipher_data(key, cbc, data);
  }
  emvcrypto::Bytes mac_data(const cps::DataKey& key, emvcrypto::ByteView data) override {
    return keys_.mac_data(key, data);
  }
  emvcrypto::Bytes random(std::size_t count) override { return keys_.random(count); }
  emvcrypto::Bytes rewrap(emvcrypto::ByteView key_id, std::uint8_t mode, emvcrypto::ByteView value,
                          emvcrypto::SecureChannel& session) override {
    return keys_.rewrap(key_id, mode, value, session);
  }
  bool mac_is_right(emvcrypto::ByteView enciphered_key, emvcrypto::ByteView input,
                    emvcrypto::ByteView mac) override {
    return keys_.mac_is_right(enciphered_key, input, mac);
  }

 private:
  cps::KeyService& keys_;
};

}  // namespace kpd
