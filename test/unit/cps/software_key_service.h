/// The personaliser's keys in the clear, for tests.
#pragma once

#include <map>
#include <stdexcept>

#include "cps/session_keys.h"
#include "emvcrypto/cmac.h"
#include "emvcrypto/derivation.h"

namespace cps::test {

using emvcrypto::CardKey;
using emvcrypto::Scp02Key;

/// A session key of SCP02 from KMC by way of the card key (EMV CPS 1.1, 4.1 and 5.3).
inline Bytes session_key(ByteView kmc, ByteView key_data, CardKey card_key, Scp02Key session_key,
                         ByteView sequence) {
  Bytes key = emvcrypto::kdc_input_cps(key_data, card_key);
  emvcrypto::make_des(kmc)->encrypt(key);
  Bytes session = emvcrypto::scp02_session_input(session_key, sequence);
  emvcrypto::make_des(key)->encrypt_cbc(session);
  session.resize(16);
  return session;
}

class SoftwareKeyService final : public KeyService {
 public:
  explicit SoftwareKeyService(Bytes kmc) : kmc_(std::move(kmc)) {}

  std::map<Bytes, Bytes> transport_keys;    ///< by IDTK
  std::map<std::string, Bytes> more_roles;  ///< masters of other roles than that of the card
  Bytes mac_kek = Bytes(16, 0x4B);
  Bytes host_challenge = emvcrypto::from_hex("0102030405060708");
  std::size_t rewraps = 0;

  emvcrypto::Scp02Keys scp02_keys(const std::string& role,
                                  const emvcrypto::Scp02CardAnswer& answer) override {
    const auto key = [&](CardKey card_key, Scp02Key use) {
      return session_key(master(role), answer.key_data, card_key, use, answer.sequence);
    };
    return {emvcrypto::make_des(key(CardKey::enc, Scp02Key::enc)),
            emvcrypto::make_retail_mac_key(key(CardKey::mac, Scp02Key::mac)),
            emvcrypto::make_des(key(CardKey::dek, Scp02Key::dek))};
  }

  /// KMC as an AES key, from which the card's keys come by one CMAC each.
  emvcrypto::Scp03Keys scp03_keys(const std::string& role, const emvcrypto::Scp03CardAnswer& answer,
                                  ByteView challenge) override {
    const auto key = [&](std::uint8_t which) {
      return emvcrypto::Secret(ByteView(aes_card_key(role, answer.key_data, which)));
    };
    return emvcrypto::scp03_session_keys({key(1), key(2), key(3)},
                                         emvcrypto::concat({challenge, answer.challenge}));
  }

  CardKeyField key_for_card(const std::string& role, ByteView key_data, CardKey which,
                            emvcrypto::SecureChannel& session) override {
    CardKeyField field;
    const bool aes = session.block_size() == 16;
    field.check_value = Bytes(session.block_size(), aes ? 0x01 : 0x00);
    if (aes) {
      field.enciphered = aes_card_key(role, key_data, static_cast<std::uint8_t>(which));
      emvcrypto::make_aes(field.enciphered)->encrypt(field.check_value);
    } else {
      field.enciphered = emvcrypto::kdc_input_cps(key_data, which);
      emvcrypto::make_des(master(role))->encrypt(field.enciphered);
      emvcrypto::make_des(field.enciphered)->encrypt(field.check_value);
    }
    field.check_value.resize(3);
    field.size = field.enciphered.size();
    session.encipher_for_card(field.enciphered);
    return field;
  }

  Bytes encipher_data(const DataKey&, bool, ByteView) override {
    throw std::invalid_argument("no role here is for data");
  }
  Bytes mac_data(const DataKey&, ByteView) override {
    throw std::invalid_argument("no role here is for data");
  }

  Bytes random(std::size_t count) override {
    if (count != host_challenge.size()) throw std::invalid_argument("8 bytes are kept ready");
    return host_challenge;
  }

  Bytes rewrap(ByteView key_id, std::uint8_t mode, ByteView value,
               emvcrypto::SecureChannel& session) override {
    const auto key = transport_keys.find(Bytes(key_id.begin(), key_id.end()));
    if (key == transport_keys.end()) throw std::invalid_argument("unknown transport key");
    Bytes clear = decipher(key->second, mode, value);
    if (clear.size() % session.block_size() != 0)
      clear = emvcrypto::pad_80(clear, session.block_size());
    session.encipher_for_card(clear);
    ++rewraps;
    return clear;
  }

  bool mac_is_right(ByteView enciphered_key, ByteView input, ByteView mac) override {
    const Bytes key = decipher(mac_kek, 0x11, enciphered_key);
    return mac_of(key, input) == Bytes(mac.begin(), mac.end());
  }

  /// MACINP: the leftmost 4 bytes of the retail MAC.
  static Bytes mac_of(ByteView key, ByteView input) {
    Bytes mac =
        emvcrypto::retail_mac(emvcrypto::make_retail_mac_key(key), emvcrypto::pad_80(input, 8));
    mac.resize(4);
    return mac;
  }

  static Bytes decipher(ByteView key, std::uint8_t mode, ByteView value) {
    Bytes clear(value.begin(), value.end());
    emvcrypto::make_des(key)->decrypt(clear);
    if (mode == 0x10)
      for (std::size_t i = 8; i < clear.size(); ++i) clear[i] ^= value[i - 8];
    return clear;
  }

 private:
  const Bytes& master(const std::string& role) const {
    if (role == kCardRole) return kmc_;
    const auto found = more_roles.find(role);
    if (found == more_roles.end()) throw std::invalid_argument("no keys have the role " + role);
    return found->second;
  }

  Bytes aes_card_key(const std::string& role, ByteView key_data, std::uint8_t which) const {
    return emvcrypto::cmac(
        *emvcrypto::make_aes(master(role)),
        emvcrypto::concat({Bytes{0x01, 0x00, 0x00, 0x00, which, 0x00}, key_data}));
  }

  Bytes kmc_;
};

}  // namespace cps::test
