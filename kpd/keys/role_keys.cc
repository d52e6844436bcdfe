#include "kpd/keys/role_keys.h"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "emvcrypto/cmac.h"
#include "emvcrypto/mac.h"
#include "hsm/probe.h"
#include "kpd/exit_code.h"
#include "kpd/keys/hsm_cipher.h"

namespace kpd {
namespace {

using emvcrypto::Bytes;
using emvcrypto::ByteView;

/// A key by label; nothing when the token has none of that label.
hsm::Key find_key(hsm::Token& token, const std::string& label) {
  return label.empty() ? hsm::Key() : token.try_find(label).value_or(hsm::Key());
}

const hsm::Key& present(const hsm::Key& key, const std::string& role) {
  if (!key)
    throw std::invalid_argument("the token has no master key of the role '" + role +
                                "' for the protocol that the card speaks");
  return key;
}

/// KEYDATA as derivations take it.
ByteView checked(ByteView key_data) {
  if (key_data.size() != 10)
    throw std::invalid_argument(
        "the chip's KEYDATA is not known: open a channel first, or give it");
  return key_data;
}

const AesMaster& deriving(const AesMaster& master, const std::string& role) {
  if (master.subkey.empty())
    throw std::invalid_argument("the AES master key of the role '" + role +
                                "' may not encipher, which derivation needs");
  return master;
}

std::string labels_of(const CardKeyRole& role) {
  return role.des + (role.des.empty() || role.aes.empty() ? "" : " or ") + role.aes;
}

/// What a DES master enciphers for a chip's key.
Bytes des_input(KeyDerivation derivation, ByteView key_data, emvcrypto::CardKey which) {
  return derivation == KeyDerivation::split ? emvcrypto::kdc_input_split(key_data, which)
                                            : emvcrypto::kdc_input_cps(key_data, which);
}

}  // namespace

KeyRoles default_key_roles() {
  return {{cps::kCardRole, {"KMC", "KMC-AES"}}};
}

RoleKeys::RoleKeys(std::shared_ptr<hsm::Token> token, HostWindows& windows, const KeyRoles& roles)
    : token_(std::move(token)), windows_(windows) {
  for (const auto& [name, role] : roles) {
    Masters masters{find_key(*token_, role.des), {find_key(*token_, role.aes), {}}, role};
    const hsm::Key& aes = masters.aes.key;
    if (!masters.des && !aes)
      throw Failure(ExitCode::hold,
                    "the token has no master key for the role '" + name + "': " + labels_of(role));
    if (role.use == CardKeyUse::data && masters.des && aes)
      throw Failure(ExitCode::hold, "the role '" + name + "' is for data: it has one key, not two");
    if (aes && aes.size() != 16 && aes.size() != 32)
      throw Failure(ExitCode::hold, "the master key " + role.aes +
                                        " has neither 128 nor 256 bits, or the device does not "
                                        "tell: card keys of other lengths are not derived");
    // One that may not encipher is told of when a card speaks SCP03, not before.
    if (aes && aes.usage().encrypt) masters.aes = aes_master(*token_, aes);
    masters_[name] = std::move(masters);
  }
  keep_uses_apart();
}

/// What enciphers data that a script gives would give it the session keys of a channel.
void RoleKeys::keep_uses_apart() const {
  std::set<std::string> labels[2];
  for (const auto& [name, masters] : masters_)
    for (const hsm::Key& key : {masters.des, masters.aes.key})
      if (key) labels[masters.role.use == CardKeyUse::data ? 1 : 0].insert(key.label());
  for (const std::string& label : labels[1])
    if (labels[0].contains(label))
      throw Failure(ExitCode::hold,
                    "the key '" + label +
                        "' stands in one role for channels and in another for data: "
                        "a key has one use");
}

const RoleKeys::Masters& RoleKeys::find(const std::string& role, CardKeyUse use) const {
  const auto found = masters_.find(role);
  if (found == masters_.end()) throw std::invalid_argument("no keys have the role '" + role + "'");
  if (found->second.role.use != use)
    throw std::invalid_argument(
        "the keys of the role '" + role + "' are for " +
        (use == CardKeyUse::channel ? "data, not for channels" : "channels, not for data"));
  return found->second;
}

hsm::Key RoleKeys::des_key(const std::string& role, ByteView key_data, emvcrypto::CardKey which,
                           CardKeyUse use, const hsm::Usage& usage) const {
  const Masters& masters = find(role, use);
  const hsm::Key& master = present(masters.des, role);
  if (masters.role.derivation == KeyDerivation::fixed) return master;
  const Bytes input = des_input(masters.role.derivation, checked(key_data), which);
  return token_->derive(master, {&input, 1}, hsm::Token::DeriveMode::ecb, usage).front();
}

hsm::Key RoleKeys::aes_key(const std::string& role, ByteView key_data, emvcrypto::CardKey which,
                           CardKeyUse use, const hsm::Usage& usage) const {
  const Masters& masters = find(role, use);
  const hsm::Key& master = present(masters.aes.key, role);
  if (masters.role.derivation == KeyDerivation::fixed) return master;
  return derive_aes_card_key(*token_, deriving(masters.aes, role), checked(key_data), which, usage);
}

bool RoleKeys::wraps(bool aes) const {
  return token_->works(aes ? hsm::kDeriveWrapAes : hsm::kDeriveWrapDes);
}

/// A role for data has one key.
hsm::Key RoleKeys::data_key(const cps::DataKey& key) const {
  const hsm::Usage usage{.encrypt = true};
  return find(key.role, CardKeyUse::data).aes.key
             ? aes_key(key.role, key.key_data, key.which, CardKeyUse::data, usage)
             : des_key(key.role, key.key_data, key.which, CardKeyUse::data, usage);
}

/// The left half of a 3DES key, three times: its first block's input is enciphered three times.
hsm::Key RoleKeys::left_half(const cps::DataKey& key) const {
  const Masters& masters = find(key.role, CardKeyUse::data);
  if (masters.role.derivation == KeyDerivation::fixed)
    throw std::invalid_argument("the key of the role '" + key.role +
                                "' is not derived: the device has no retail MAC by it");
  const Bytes input = des_input(masters.role.derivation, key.key_data, key.which);
  const ByteView block = ByteView(input).first(8);
  const Bytes blocks = emvcrypto::concat({block, block, block});
  return token_->derive(masters.des, {&blocks, 1}, hsm::Token::DeriveMode::ecb, {.encrypt = true})
      .front();
}

Bytes RoleKeys::encipher_data(const cps::DataKey& key, bool cbc, ByteView data) const {
  HsmCipher cipher(token_, data_key(key));
  if (data.empty() || data.size() % cipher.block_size() != 0)
    throw std::invalid_argument("only whole blocks are enciphered");
  Bytes blocks(data.begin(), data.end());
  if (cbc)
    cipher.encrypt_cbc(blocks);
  else
    cipher.encrypt(blocks);
  return blocks;
}

Bytes RoleKeys::mac_data(const cps::DataKey& key, ByteView data) const {
  auto cipher = std::make_unique<HsmCipher>(token_, data_key(key));
  if (cipher->block_size() == 16) return emvcrypto::cmac(*cipher, data);
  const emvcrypto::RetailMacKey retail{std::make_unique<HsmCipher>(token_, left_half(key)),
                                       std::move(cipher)};
  return emvcrypto::retail_mac(retail, emvcrypto::pad_80(data, 8));
}

RoleKeys::Leaving RoleKeys::under_dek(const std::string& role, ByteView key_data,
                                      emvcrypto::CardKey which, const hsm::Key& dek,
                                      emvcrypto::SecureChannel& session) const {
  const Masters& masters = find(role, CardKeyUse::channel);
  if (masters.role.derivation == KeyDerivation::fixed)
    throw std::invalid_argument("the keys of the role '" + role +
                                "' are the token's own: they do not go to cards");
  const bool aes = session.block_size() == 16;
  const hsm::Key& master = present(aes ? masters.aes.key : masters.des, role);
  if (dek && dek.usage().wrap && wraps(aes)) {
    const Bytes input =
        aes ? aes_card_key_derivation(*token_, deriving(masters.aes, role), key_data, which)
            : des_input(masters.role.derivation, key_data, which);
    hsm::InsideKey inside = token_->derive_wrapped(master, {&input, 1}, dek).front();
    return {inside.wrapped.size(), std::move(inside.wrapped), std::move(inside.kcv)};
  }
  windows_.open(Window::card_keys, 1);
  const hsm::Usage leaving{.encrypt = true, .extractable = true};
  const hsm::Key key = aes ? aes_key(role, key_data, which, CardKeyUse::channel, leaving)
                           : des_key(role, key_data, which, CardKeyUse::channel, leaving);
  const emvcrypto::Secret clear = token_->expose(key);
  emvcrypto::Secret blocks(clear.expose());
  session.encipher_for_card(blocks.expose_mutable());
  const ByteView enciphered = blocks.expose();
  return {enciphered.size(), Bytes(enciphered.begin(), enciphered.end()), token_->kcv(key)};
}

}  // namespace kpd
