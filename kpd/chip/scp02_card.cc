#include "kpd/chip/scp02_card.h"

#include "kpd/chip/des.h"

namespace kpd::chip {
namespace {

using emvcrypto::append;
using emvcrypto::concat;

constexpr std::uint8_t kProtocol = 0x02;
constexpr std::uint8_t kSecureMessaging = 0x04;  // b3 of the class byte
constexpr std::uint8_t kLevelMac = 0x01;
constexpr std::uint8_t kLevelMacAndEnc = 0x03;

/// 3DES-CBC of constant | sequence | 00*12 under a card key (E.4.1).
Secret session_key(const Secret& card_key, std::uint16_t constant, ByteView sequence) {
  Bytes input;
  emvcrypto::append_number(input, constant, 2);
  append(input, sequence);
  input.resize(16);
  return encipher_cbc(card_key, input);
}

Bytes two_bytes(std::uint16_t number) {
  Bytes bytes;
  emvcrypto::append_number(bytes, number, 2);
  return bytes;
}

}  // namespace

Scp02CardSession::Scp02CardSession(const CardKeys& keys, Scp02Option option, std::uint16_t sequence,
                                   ByteView host_challenge, ByteView aid, const Random& random)
    : icv_enciphered_(option != Scp02Option::i05),
      sequence_(two_bytes(sequence)),
      host_challenge_(host_challenge.begin(), host_challenge.end()) {
  enc_ = session_key(keys.enc, 0x0182, sequence_);
  mac_ = session_key(keys.mac, 0x0101, sequence_);
  dek_ = session_key(keys.dek, 0x0181, sequence_);
  if (option == Scp02Option::i55) {
    card_challenge_ = retail_mac(mac_, padded_80(aid));
    card_challenge_.resize(6);
  } else {
    card_challenge_.resize(6);
    random(card_challenge_);
  }
}

Bytes Scp02CardSession::card_cryptogram() const {
  return cbc_mac(enc_, padded_80(concat({host_challenge_, sequence_, card_challenge_})));
}

Bytes Scp02CardSession::initial_answer() const {
  Bytes answer{kProtocol};
  append(answer, sequence_);
  append(answer, card_challenge_);
  append(answer, card_cryptogram());
  return answer;
}

Status Scp02CardSession::authenticate(const Command& command) {
  if (command.cla != 0x84 || open_) return sw::security;
  if (command.data.size() != 16) return sw::wrong_length;
  const std::uint8_t level = command.p1;
  if ((level != 0 && level != kLevelMac && level != kLevelMacAndEnc) || command.p2 != 0)
    return sw::wrong_parameters;
  const ByteView data = command.data;
  const Bytes expected =
      cbc_mac(enc_, padded_80(concat({sequence_, card_challenge_, host_challenge_})));
  if (!same_bytes(expected, data.first(8))) return sw::authentication_failed;
  if (!mac_fits(command, data.first(8), data.subspan(8))) return sw::security;
  level_ = level;
  open_ = true;
  return sw::ok;
}

std::optional<Bytes> Scp02CardSession::unwrap(const Command& command) {
  if (!open_) return std::nullopt;
  if (level_ == 0) {
    if ((command.cla & kSecureMessaging) != 0) return std::nullopt;
    return command.data;
  }
  if ((command.cla & kSecureMessaging) == 0 || command.data.size() < 8) return std::nullopt;
  const ByteView data = command.data;
  const ByteView body = data.first(data.size() - 8);
  Bytes plain(body.begin(), body.end());
  if (level_ == kLevelMacAndEnc && !body.empty()) {
    if (body.size() % 8 != 0) return std::nullopt;
    const Secret clear = decipher_cbc(enc_, body);
    const auto stripped = without_padding_80(clear.expose());
    if (!stripped) return std::nullopt;
    plain.assign(stripped->begin(), stripped->end());
  }
  if (!mac_fits(command, plain, data.last(8))) return std::nullopt;
  return plain;
}

Secret Scp02CardSession::decipher(ByteView blocks) const {
  return decipher_ecb(dek_, blocks);
}

bool Scp02CardSession::mac_fits(const Command& command, ByteView plain, ByteView mac) {
  Bytes message{command.cla, command.ins, command.p1, command.p2,
                static_cast<std::uint8_t>(plain.size() + 8)};
  append(message, plain);
  Bytes initial(8);
  if (!last_mac_.empty()) initial = icv_enciphered_ ? left_half_block(mac_, last_mac_) : last_mac_;
  const Bytes expected = retail_mac(mac_, padded_80(message), initial);
  if (!same_bytes(expected, mac)) return false;
  last_mac_ = expected;
  return true;
}

}  // namespace kpd::chip
