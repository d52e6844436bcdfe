#include "emvcrypto/scp02.h"

#include <stdexcept>

namespace emvcrypto {
namespace {

constexpr std::size_t kBlock = 8;
constexpr std::size_t kMacSize = 8;
constexpr std::uint8_t kSecureClass = 0x04;

constexpr std::size_t kLongestData = 255;
constexpr std::uint8_t kEnciphered = 0x03;

Bytes two_bytes(std::uint64_t value) {
  Bytes bytes;
  append_number(bytes, value, 2);
  return bytes;
}

/// CLA INS P1 P2 Lc data.
Bytes command(ByteView header, ByteView data) {
  if (data.size() > kLongestData)
    throw std::invalid_argument("a command's data have at most 255 bytes");
  return concat({header, Bytes{static_cast<std::uint8_t>(data.size())}, data});
}

}  // namespace

Bytes scp02_session_input(Scp02Key key, ByteView sequence) {
  if (sequence.size() != 2) throw std::invalid_argument("a sequence counter has 2 bytes");
  std::uint64_t constant = 0;
  switch (key) {
    case Scp02Key::enc:
      constant = 0x0182;
      break;
    case Scp02Key::mac:
      constant = 0x0101;
      break;
    case Scp02Key::dek:
      constant = 0x0181;
      break;
    case Scp02Key::rmac:
      constant = 0x0102;
      break;
  }
  return concat({two_bytes(constant), sequence, Bytes(12)});
}

Secret derive_scp02_key(const Secret& card_key, Scp02Key key, ByteView sequence) {
  if (card_key.size() != 16) throw std::invalid_argument("a card key of protocol 02 has 16 bytes");
  Secret session_key(scp02_session_input(key, sequence));
  make_des(card_key.expose())->encrypt_cbc(session_key.expose_mutable());
  return session_key;
}

Bytes scp02_card_challenge(const RetailMacKey& mac, ByteView aid) {
  Bytes challenge = retail_mac(mac, pad_80(aid, kBlock));
  challenge.resize(6);
  return challenge;
}

Expected<Scp02CardAnswer> parse_initialize_update(ByteView answer) {
  if (answer.size() != 28)
    return fault("scp-length", "the answer to INITIALIZE UPDATE has not 28 bytes");
  if (answer[11] != 0x02)
    return fault("scp-protocol", "the card speaks another secure channel protocol than 02");
  const auto field = [&](std::size_t at, std::size_t size) {
    const ByteView part = answer.subspan(at, size);
    return Bytes(part.begin(), part.end());
  };
  return Scp02CardAnswer{field(0, 10), answer[10], field(12, 2), field(14, 6), field(20, 8)};
}

Scp02Session::Scp02Session(Scp02Keys keys, Scp02CardAnswer answer, Bytes host_challenge,
                           bool icv_enciphered)
    : keys_(std::move(keys)),
      answer_(std::move(answer)),
      host_challenge_(std::move(host_challenge)),
      icv_enciphered_(icv_enciphered) {
  if (host_challenge_.size() != 8) throw std::invalid_argument("a host challenge has 8 bytes");
}

bool Scp02Session::card_is_genuine() {
  const Bytes input = concat({host_challenge_, answer_.sequence, answer_.challenge});
  return Secret(cbc_mac(*keys_.enc, pad_80(input, kBlock))).equals(Secret(answer_.cryptogram));
}

bool Scp02Session::knows_level(std::uint8_t level) const {
  return level == 0x00 || level == 0x01 || level == kEnciphered;
}

std::size_t Scp02Session::room() const {
  if (level_ == 0x00) return kLongestData;
  return kLongestData - kMacSize - (level_ == kEnciphered ? kBlock : 0);
}

Bytes Scp02Session::external_authenticate(std::uint8_t level) {
  if (!knows_level(level)) throw std::invalid_argument("the security level is 00, 01 or 03");
  const Bytes input = concat({answer_.sequence, answer_.challenge, host_challenge_});
  const Bytes host_cryptogram = cbc_mac(*keys_.enc, pad_80(input, kBlock));
  const Bytes header = {0x84, 0x82, level, 0x00};
  last_mac_.clear();
  const Bytes mac = mac_of(header, host_cryptogram);
  level_ = level;
  return command(header, concat({host_cryptogram, mac}));
}

Bytes Scp02Session::wrap(ByteView header, ByteView data) {
  if (header.size() != 4) throw std::invalid_argument("a command's header has 4 bytes");
  if (level_ == 0x00)
    return data.empty() ? Bytes(header.begin(), header.end()) : command(header, data);
  const bool enciphered = level_ == kEnciphered && !data.empty();
  if (data.size() > room())
    throw std::invalid_argument("a command's data leave no room for its MAC and padding");
  Bytes secured_header(header.begin(), header.end());
  secured_header[0] |= kSecureClass;
  const Bytes mac = mac_of(secured_header, data);
  Bytes secured_data(data.begin(), data.end());
  if (enciphered) {
    secured_data = pad_80(data, kBlock);
    keys_.enc->encrypt_cbc(secured_data);
  }
  return command(secured_header, concat({secured_data, mac}));
}

Expected<Bytes> Scp02Session::unwrap(ByteView data, std::uint16_t /*status*/) {
  return Bytes(data.begin(), data.end());
}

void Scp02Session::encipher_for_card(MutableBytes blocks) {
  keys_.dek->encrypt(blocks);
}

Bytes Scp02Session::mac_of(ByteView header, ByteView data) {
  const Bytes length = {static_cast<std::uint8_t>(data.size() + kMacSize)};
  Bytes icv = last_mac_;
  if (!icv.empty() && icv_enciphered_) keys_.mac.left->encrypt(icv);
  last_mac_ = retail_mac(keys_.mac, pad_80(concat({header, length, data}), kBlock), icv);
  return last_mac_;
}

}  // namespace emvcrypto
