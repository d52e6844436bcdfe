#include "emvcrypto/scp03.h"

#include <stdexcept>

#include "emvcrypto/cbc.h"
#include "emvcrypto/cmac.h"
#include "emvcrypto/mac.h"

namespace emvcrypto {
namespace {

constexpr std::size_t kBlock = 16;
constexpr std::size_t kMacSize = 8;
constexpr std::size_t kLongestData = 255;
constexpr std::uint8_t kSecureClass = 0x04;

// Bits of the security level (Amendment D, Table 7-6).
constexpr std::uint8_t kCommandEnc = 0x02;
constexpr std::uint8_t kResponseMac = 0x10;
constexpr std::uint8_t kResponseEnc = 0x20;
// First byte of the block that is enciphered for the initial value of a response (6.2.7).
constexpr std::uint8_t kOfResponse = 0x80;

/// Whether a status word comes with protected data: success and warnings (6.2.5).
bool is_success(std::uint16_t status) {
  const unsigned first = status >> 8;
  return status == 0x9000 || first == 0x62 || first == 0x63;
}

}  // namespace

Scp03Session::Scp03Session(Scp03Keys keys, Scp03CardAnswer answer, Bytes host_challenge)
    : keys_(std::move(keys)), answer_(std::move(answer)), chain_(kBlock) {
  if (host_challenge.size() != 8) throw std::invalid_argument("a host challenge has 8 bytes");
  context_ = concat({host_challenge, answer_.challenge});
}

Bytes Scp03Session::cryptogram(Scp03Use use) {
  const Secret value = scp03_derive(*keys_.mac, use, kMacSize, context_);
  return Bytes(value.expose().begin(), value.expose().end());
}

bool Scp03Session::card_is_genuine() {
  return Secret(cryptogram(Scp03Use::card_cryptogram)).equals(Secret(answer_.cryptogram));
}

bool Scp03Session::knows_level(std::uint8_t level) const {
  switch (level) {
    case 0x00:
    case 0x01:
    case 0x03:
      return true;
    case 0x11:
    case 0x13:
      return answer_.protects_responses();
    case 0x33:
      return answer_.enciphers_responses();
    default:
      return false;
  }
}

Bytes Scp03Session::mac_of(BlockCipher& key, std::initializer_list<ByteView> message) const {
  Bytes input = chain_;
  for (ByteView part : message) append(input, part);
  return cmac(key, input);
}

/// Header, Lc, data and the C-MAC, which goes on the chain.
Bytes Scp03Session::chained(ByteView header, ByteView data) {
  Bytes command(header.begin(), header.end());
  command.push_back(static_cast<std::uint8_t>(data.size() + kMacSize));
  append(command, data);
  chain_ = mac_of(*keys_.mac, {command});
  append(command, ByteView(chain_).first(kMacSize));
  return command;
}

Bytes Scp03Session::external_authenticate(std::uint8_t level) {
  if (!knows_level(level))
    throw std::invalid_argument("a security level that protocol or card do not know");
  chain_.assign(kBlock, 0x00);
  const Bytes command =
      chained(Bytes{0x84, 0x82, level, 0x00}, cryptogram(Scp03Use::host_cryptogram));
  level_ = level;
  counter_ = 0;
  return command;
}

std::size_t Scp03Session::room() const {
  if (level_ == 0) return kLongestData;
  const std::size_t body = kLongestData - kMacSize;
  // Padding takes at least one byte of the last whole block.
  return (level_ & kCommandEnc) != 0 ? body / kBlock * kBlock - 1 : body;
}

/// The initial value of a command's or a response's encipherment.
Bytes Scp03Session::counter_block(std::uint8_t first_byte) {
  Bytes block{first_byte};
  append_number(block, 0, 7);
  append_number(block, counter_, 8);
  keys_.enc->encrypt(block);
  return block;
}

Bytes Scp03Session::wrap(ByteView header, ByteView data) {
  if (header.size() != 4) throw std::invalid_argument("a command's header has 4 bytes");
  if (data.size() > room())
    throw std::invalid_argument("a command's data leave no room for its MAC and padding");
  Bytes secured(header.begin(), header.end());
  if (level_ == 0) {
    if (data.empty()) return secured;
    secured.push_back(static_cast<std::uint8_t>(data.size()));
    append(secured, data);
    return secured;
  }
  ++counter_;
  secured[0] |= kSecureClass;
  if ((level_ & kCommandEnc) == 0 || data.empty()) return chained(secured, data);
  Bytes enciphered = pad_80(data, kBlock);
  encrypt_cbc(*keys_.enc, counter_block(0x00), enciphered);
  return chained(secured, enciphered);
}

Expected<Bytes> Scp03Session::unwrap(ByteView data, std::uint16_t status) {
  const auto wrong = [] {
    return fault("scp-response", "the MAC or the padding of the card's answer is wrong");
  };
  if ((level_ & kResponseMac) == 0) return Bytes(data.begin(), data.end());
  if (!is_success(status)) {
    if (!data.empty()) return wrong();
    return Bytes{};
  }
  if (data.size() < kMacSize) return wrong();
  const ByteView body = data.first(data.size() - kMacSize);
  Bytes status_word;
  append_number(status_word, status, 2);
  const Bytes mac = mac_of(*keys_.rmac, {body, status_word});
  if (!Secret(ByteView(mac).first(kMacSize)).equals(Secret(data.last(kMacSize)))) return wrong();
  Bytes plain(body.begin(), body.end());
  if ((level_ & kResponseEnc) == 0 || plain.empty()) return plain;
  if (plain.size() % kBlock != 0) return wrong();
  decrypt_cbc(*keys_.enc, counter_block(kOfResponse), plain);
  auto stripped = unpad_80(plain);
  if (!stripped) return wrong();
  return *std::move(stripped);
}

void Scp03Session::encipher_for_card(MutableBytes blocks) {
  keys_.dek->encrypt_cbc(blocks);
}

}  // namespace emvcrypto
