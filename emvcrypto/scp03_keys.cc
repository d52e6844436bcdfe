// Key derivation and the card's answer of protocol 03; the session is in scp03.cc.
#include <algorithm>
#include <stdexcept>

#include "emvcrypto/cmac.h"
#include "emvcrypto/scp03.h"

namespace emvcrypto {
namespace {

constexpr std::size_t kBlock = 16;
constexpr std::size_t kLongest = 32;
constexpr std::size_t kChallenge = 8;
constexpr std::size_t kSequence = 3;
constexpr std::uint8_t kOptions[] = {0x00, 0x10, 0x20, 0x30, 0x60, 0x70};

Secret session_key(const Secret& card_key, Scp03Use use, ByteView context) {
  return scp03_derive(*make_aes(card_key.expose()), use, card_key.size(), context);
}

}  // namespace

Secret scp03_derive(BlockCipher& key, Scp03Use use, std::size_t size, ByteView context) {
  if (size == 0 || size > kLongest)
    throw std::invalid_argument("protocol 03 derives 1 to 32 bytes");
  Bytes bits;
  append_number(bits, size * 8, 2);
  Secret derived((size + kBlock - 1) / kBlock * kBlock);
  for (std::uint8_t i = 1; (i - 1U) * kBlock < derived.size(); ++i) {
    const Secret block = secret_cmac(
        key,
        concat({Bytes(11), Bytes{static_cast<std::uint8_t>(use), 0x00}, bits, Bytes{i}, context}));
    std::ranges::copy(block.expose(), derived.expose_mutable().subspan((i - 1U) * kBlock).begin());
  }
  return Secret(derived.expose().first(size));
}

Scp03Keys scp03_session_keys(const Scp03CardKeys& card, ByteView context) {
  return {make_aes(session_key(card.enc, Scp03Use::enc, context).expose()),
          make_aes(session_key(card.mac, Scp03Use::mac, context).expose()),
          make_aes(session_key(card.mac, Scp03Use::rmac, context).expose()),
          make_aes(card.dek.expose())};
}

Bytes scp03_card_challenge(BlockCipher& card_enc, ByteView sequence, ByteView aid) {
  if (sequence.size() != kSequence)
    throw std::invalid_argument("a sequence counter of protocol 03 has 3 bytes");
  const Secret challenge =
      scp03_derive(card_enc, Scp03Use::card_challenge, kChallenge, concat({sequence, aid}));
  return Bytes(challenge.expose().begin(), challenge.expose().end());
}

Expected<Scp03CardAnswer> parse_initialize_update_03(ByteView answer) {
  if (answer.size() != 29 && answer.size() != 32)
    return fault("scp-length", "the answer to INITIALIZE UPDATE has neither 29 nor 32 bytes");
  if (answer[11] != 0x03)
    return fault("scp-protocol", "the card speaks another secure channel protocol than 03");
  const auto field = [&](std::size_t at, std::size_t size) {
    const ByteView part = answer.subspan(at, size);
    return Bytes(part.begin(), part.end());
  };
  Scp03CardAnswer fields{field(0, 10), answer[10],   answer[12],
                         field(13, 8), field(21, 8), field(29, answer.size() - 29)};
  if (std::ranges::find(kOptions, fields.option) == std::end(kOptions))
    return fault("scp-option", "the card's option i = " + to_hex(answer.subspan(12, 1)) +
                                   " is none of 00, 10, 20, 30, 60 and 70");
  if (fields.challenge_is_derived() == fields.sequence.empty())
    return fault("scp-length",
                 fields.sequence.empty()
                     ? "the card's option asks for a sequence counter, which is not there"
                     : "a sequence counter that the card's option does not know");
  return fields;
}

}  // namespace emvcrypto
