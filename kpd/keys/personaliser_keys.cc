#include "kpd/keys/personaliser_keys.h"

#include <algorithm>
#include <stdexcept>

#include "emvcrypto/derivation.h"
#include "hsm/probe.h"
#include "kpd/exit_code.h"
#include "kpd/keys/hsm_cipher.h"
#include "kpd/keys/secret_cipher.h"
#include "kpd/keys/transport_keys.h"

namespace kpd {
namespace {

constexpr const char* kKmcLabel = "KMC";

/// The host window that secrets under a transport key of this use pass.
std::optional<Window> window_of(std::string_view use) {
  if (use == use_name(TransportUse::card_keys)) return Window::card_keys;
  if (use == use_name(TransportUse::icc_keys)) return Window::icc_keys;
  if (use == use_name(TransportUse::pin)) return Window::pins;
  return std::nullopt;
}

hsm::Key derive_one(hsm::Token& token, const hsm::Key& master, Bytes input,
                    hsm::Token::DeriveMode mode, const hsm::Usage& usage) {
  return token.derive(master, {&input, 1}, mode, usage).front();
}

}  // namespace

PersonaliserKeys::PersonaliserKeys(std::shared_ptr<hsm::Token> token, const cps::FileHeader& header,
                                   HostWindows& windows, KdcRule rule)
    : token_(std::move(token)),
      windows_(windows),
      rule_(rule),
      kmc_(token_->find(kKmcLabel)),
      rewraps_(token_->works(hsm::kRewrap)),
      initial_value_(header.initial_value) {
  for (const cps::WrappedKey& wrapped : header.keys) {
    if (wrapped.use == use_name(TransportUse::mac)) {
      mac_key_ = wrapped.wrapped;
      const hsm::Key mac = token_->find(wrapped.kek);
      if (token_->kcv(mac) != wrapped.kek_kcv)
        throw Failure(ExitCode::hold,
                      "the MAC key of this token is not the one that the file was "
                      "made with");
      mac_ = std::make_unique<RecordMac>(token_, mac, windows_);
      continue;
    }
    const std::optional<Window> window = window_of(wrapped.use);
    if (!window) throw Failure(ExitCode::hold, "the file has a transport key for an unknown use");
    transport_[wrapped.id] = {open_transport_key(wrapped, *token_, transport_usage(*window)),
                              *window};
  }
}

/// Where secrets can go from key to key inside, a transport key deciphers only what the policy lets
/// pass the host: modes that the device does not unwrap by.
hsm::Usage PersonaliserKeys::transport_usage(Window window) const {
  if (!rewraps_) return {.encrypt = true, .decrypt = true};
  return {.decrypt = windows_.allows(window), .unwrap = true};
}

/// The session's DEK takes secrets as they leave the transport key.
hsm::Usage PersonaliserKeys::dek_usage() const {
  const bool host = windows_.allows(Window::card_keys) || windows_.allows(Window::icc_keys) ||
                    windows_.allows(Window::pins);
  return {.encrypt = host || !rewraps_, .wrap = rewraps_};
}

hsm::Key PersonaliserKeys::card_key(ByteView key_data, emvcrypto::CardKey which) const {
  const Bytes input = rule_ == KdcRule::cps ? emvcrypto::kdc_input_cps(key_data, which)
                                            : emvcrypto::kdc_input_split(key_data, which);
  return derive_one(*token_, kmc_, input, hsm::Token::DeriveMode::ecb, {.derive = true});
}

/// SCP02 session keys inside the device (GlobalPlatform Card Specification 2.3, E.4.1). The left
/// face of the MAC key is its first CBC block three times: with a zero IV that block is plain ECB.
emvcrypto::Scp02Keys PersonaliserKeys::scp02_keys(ByteView key_data, std::uint8_t,
                                                  ByteView sequence) {
  const auto derive = [&](const hsm::Key& master, emvcrypto::Scp02Key which,
                          const hsm::Usage& usage) {
    return derive_one(*token_, master, emvcrypto::scp02_session_input(which, sequence),
                      hsm::Token::DeriveMode::cbc, usage);
  };
  const auto session = [&](const hsm::Key& master, emvcrypto::Scp02Key which) {
    return std::make_unique<HsmCipher>(token_, derive(master, which, {.encrypt = true}));
  };
  const hsm::Key mac_master = card_key(key_data, emvcrypto::CardKey::mac);
  const Bytes mac_input = emvcrypto::scp02_session_input(emvcrypto::Scp02Key::mac, sequence);
  const ByteView block = ByteView(mac_input).first(8);
  emvcrypto::Scp02Keys keys;
  keys.enc = session(card_key(key_data, emvcrypto::CardKey::enc), emvcrypto::Scp02Key::enc);
  keys.mac.whole = session(mac_master, emvcrypto::Scp02Key::mac);
  keys.mac.left = std::make_unique<HsmCipher>(
      token_, derive_one(*token_, mac_master, emvcrypto::concat({block, block, block}),
                         hsm::Token::DeriveMode::ecb, {.encrypt = true}));
  dek_ = derive(card_key(key_data, emvcrypto::CardKey::dek), emvcrypto::Scp02Key::dek, dek_usage());
  keys.dek = std::make_unique<HsmCipher>(token_, dek_);
  return keys;
}

const PersonaliserKeys::Transport& PersonaliserKeys::transport(ByteView key_id) const {
  const auto found = transport_.find(Bytes(key_id.begin(), key_id.end()));
  if (found == transport_.end())
    throw std::invalid_argument("the file's header has no transport key " +
                                emvcrypto::to_hex(key_id));
  return found->second;
}

Bytes PersonaliserKeys::rewrap(ByteView key_id, std::uint8_t mode, ByteView value,
                               emvcrypto::Scp02Session& session) {
  const Transport& from = transport(key_id);
  const bool ecb = cps::Cmode{mode} == cps::Cmode::ecb;
  if (rewraps_ && ecb && from.key.type() != hsm::KeyType::aes && from.key.usage().unwrap && dek_) {
    const hsm::Passage secret{value, {}};
    return token_->rewrap_ecb(from.key, dek_, {&secret, 1}).front();
  }
  windows_.open(from.window, 1);
  emvcrypto::Secret clear(value);
  decipher_secret(*token_, from.key, mode, initial_value_, clear.expose_mutable());
  session.encipher_for_card(clear.expose_mutable());
  return Bytes(clear.expose().begin(), clear.expose().end());
}

emvcrypto::Secret PersonaliserKeys::open_pin(ByteView key_id, std::uint8_t mode, ByteView value) {
  const Transport& from = transport(key_id);
  windows_.open(Window::pins, 1);
  emvcrypto::Secret clear(value);
  decipher_secret(*token_, from.key, mode, initial_value_, clear.expose_mutable());
  return clear;
}

bool PersonaliserKeys::trailer_mac_is_right(ByteView digest, ByteView mac) {
  if (!mac_ || mac_key_.size() != 16) return false;
  const Bytes expected = mac_->whole_mac(mac_key_, digest);
  return std::equal(expected.begin(), expected.end(), mac.begin(), mac.end());
}

bool PersonaliserKeys::mac_is_right(ByteView enciphered_key, ByteView input, ByteView mac) {
  if (!mac_ || enciphered_key.size() != 16) return false;
  // A batch has one MAC key: another one was made elsewhere.
  if (!std::equal(enciphered_key.begin(), enciphered_key.end(), mac_key_.begin(), mac_key_.end()))
    return false;
  const Bytes whole(input.begin(), input.end());
  const Bytes expected = mac_->macs(enciphered_key, {&whole, 1}).front();
  return std::equal(expected.begin(), expected.end(), mac.begin(), mac.end());
}

}  // namespace kpd
