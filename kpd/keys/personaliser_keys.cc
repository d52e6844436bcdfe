#include "kpd/keys/personaliser_keys.h"

#include <algorithm>
#include <stdexcept>

#include "emvcrypto/derivation.h"
#include "hsm/probe.h"
#include "kpd/exit_code.h"
#include "kpd/keys/aes_derivation.h"
#include "kpd/keys/hsm_cipher.h"
#include "kpd/keys/secret_cipher.h"
#include "kpd/keys/transport_keys.h"

namespace kpd {
namespace {

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

/// Padding of so many bytes is no chance: 80 00 00 00.
constexpr std::size_t kSurePadding = 4;

/// What a value brings behind its last full block of the session: 80 00.., or zeros alone where it
/// ends with a padding already, since a card takes off one. Everything behind `size` is zero.
void fill_last_block(emvcrypto::MutableBytes whole, std::size_t size) {
  if (whole.size() == size) return;
  std::size_t zeros = 0;
  while (zeros < size && whole[size - 1 - zeros] == 0x00) ++zeros;
  const bool padded = zeros + 1 >= kSurePadding && zeros < size && whole[size - 1 - zeros] == 0x80;
  if (!padded) whole[size] = 0x80;
}

}  // namespace

PersonaliserKeys::PersonaliserKeys(std::shared_ptr<hsm::Token> token, const cps::FileHeader& header,
                                   HostWindows& windows, const KeyRoles& roles)
    : token_(std::move(token)),
      windows_(windows),
      roles_(token_, windows, roles),
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

/// The session's DEK takes secrets as they leave the transport key, and keys for the card.
hsm::Usage PersonaliserKeys::dek_usage() const {
  const bool host = windows_.allows(Window::card_keys) || windows_.allows(Window::icc_keys) ||
                    windows_.allows(Window::pins);
  return {.encrypt = host || !rewraps_, .wrap = rewraps_ || roles_.wraps(false)};
}

/// SCP02 session keys inside the device (GlobalPlatform Card Specification 2.3, E.4.1). The left
/// face of the MAC key is its first CBC block three times: with a zero IV that block is plain ECB.
emvcrypto::Scp02Keys PersonaliserKeys::scp02_keys(const std::string& role,
                                                  const emvcrypto::Scp02CardAnswer& answer) {
  const auto card_key = [&](emvcrypto::CardKey which) {
    return roles_.des_key(role, answer.key_data, which, CardKeyUse::channel, {.derive = true});
  };
  const ByteView sequence = answer.sequence;
  const auto derive = [&](const hsm::Key& master, emvcrypto::Scp02Key which,
                          const hsm::Usage& usage) {
    return derive_one(*token_, master, emvcrypto::scp02_session_input(which, sequence),
                      hsm::Token::DeriveMode::cbc, usage);
  };
  const auto session = [&](const hsm::Key& master, emvcrypto::Scp02Key which) {
    return std::make_unique<HsmCipher>(token_, derive(master, which, {.encrypt = true}));
  };
  const hsm::Key mac_master = card_key(emvcrypto::CardKey::mac);
  const Bytes mac_input = emvcrypto::scp02_session_input(emvcrypto::Scp02Key::mac, sequence);
  const ByteView block = ByteView(mac_input).first(8);
  emvcrypto::Scp02Keys keys;
  keys.enc = session(card_key(emvcrypto::CardKey::enc), emvcrypto::Scp02Key::enc);
  keys.mac.whole = session(mac_master, emvcrypto::Scp02Key::mac);
  keys.mac.left = std::make_unique<HsmCipher>(
      token_, derive_one(*token_, mac_master, emvcrypto::concat({block, block, block}),
                         hsm::Token::DeriveMode::ecb, {.encrypt = true}));
  dek_ = derive(card_key(emvcrypto::CardKey::dek), emvcrypto::Scp02Key::dek, dek_usage());
  keys.dek = std::make_unique<HsmCipher>(token_, dek_);
  return keys;
}

/// K-DEK is the card's own: the session has none (Amendment D, 4.1.5).
emvcrypto::Scp03Keys PersonaliserKeys::scp03_keys(const std::string& role,
                                                  const emvcrypto::Scp03CardAnswer& answer,
                                                  ByteView host_challenge) {
  const Bytes context = emvcrypto::concat({host_challenge, answer.challenge});
  const auto card = [&](emvcrypto::CardKey which, const hsm::Usage& usage) {
    return roles_.aes_key(role, answer.key_data, which, CardKeyUse::channel, usage);
  };
  const auto session = [&](const hsm::Key& from, emvcrypto::Scp03Use use, const hsm::Usage& usage) {
    return std::make_unique<HsmCipher>(token_,
                                       derive_scp03_key(*token_, from, use, context, usage));
  };
  const hsm::Usage deriving{.encrypt = true, .derive = true}, enciphering{.encrypt = true};
  const hsm::Key mac = card(emvcrypto::CardKey::mac, deriving);
  emvcrypto::Scp03Keys keys;
  keys.enc = session(card(emvcrypto::CardKey::enc, deriving), emvcrypto::Scp03Use::enc,
                     {.encrypt = true, .decrypt = true});
  keys.mac = session(mac, emvcrypto::Scp03Use::mac, enciphering);
  keys.rmac = session(mac, emvcrypto::Scp03Use::rmac, enciphering);
  dek_ = card(emvcrypto::CardKey::dek, {.encrypt = true, .wrap = roles_.wraps(true)});
  keys.dek = std::make_unique<HsmCipher>(token_, dek_);
  return keys;
}

cps::CardKeyField PersonaliserKeys::key_for_card(const std::string& role, ByteView key_data,
                                                 emvcrypto::CardKey which,
                                                 emvcrypto::SecureChannel& session) {
  RoleKeys::Leaving key = roles_.under_dek(role, key_data, which, dek_, session);
  return {key.size, std::move(key.enciphered), std::move(key.check_value)};
}

const PersonaliserKeys::Transport& PersonaliserKeys::transport(ByteView key_id) const {
  const auto found = transport_.find(Bytes(key_id.begin(), key_id.end()));
  if (found == transport_.end())
    throw std::invalid_argument("the file's header has no transport key " +
                                emvcrypto::to_hex(key_id));
  return found->second;
}

/// From DES key to DES key by ECB: under an AES session secrets pass the host.
bool PersonaliserKeys::rewraps_inside(const Transport& from, std::uint8_t mode) const {
  return rewraps_ && cps::Cmode{mode} == cps::Cmode::ecb && from.key.type() != hsm::KeyType::aes &&
         from.key.usage().unwrap && dek_ && dek_.type() != hsm::KeyType::aes;
}

Bytes PersonaliserKeys::rewrap(ByteView key_id, std::uint8_t mode, ByteView value,
                               emvcrypto::SecureChannel& session) {
  const Transport& from = transport(key_id);
  if (rewraps_inside(from, mode)) {
    const hsm::Passage secret{value, {}};
    return token_->rewrap_ecb(from.key, dek_, {&secret, 1}).front();
  }
  windows_.open(from.window, 1);
  const std::size_t block = session.block_size();
  emvcrypto::Secret clear((value.size() + block - 1) / block * block);
  const emvcrypto::MutableBytes whole = clear.expose_mutable();
  std::ranges::copy(value, whole.begin());
  decipher_secret(*token_, from.key, mode, initial_value_, whole.first(value.size()));
  fill_last_block(whole, value.size());
  session.encipher_for_card(whole);
  return Bytes(whole.begin(), whole.end());
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
