#include "kpd/chip/scp03_card.h"

#include <algorithm>

#include "kpd/chip/aes.h"

namespace kpd::chip {
namespace {

using emvcrypto::append;
using emvcrypto::concat;

constexpr std::uint8_t kProtocol = 0x03;
constexpr std::uint8_t kSecureMessaging = 0x04;  // b3 of the class byte
constexpr std::size_t kMac = 8;                  // bytes of a MAC that are sent

// Bits of the option i (Amendment D, 5.1).
constexpr std::uint8_t kDerivedChallenge = 0x10;
constexpr std::uint8_t kAnswersHaveMac = 0x20;
constexpr std::uint8_t kAnswersAreEnciphered = 0x40;

// Bits of the security level (7.1.2.3).
constexpr std::uint8_t kCommandMac = 0x01;
constexpr std::uint8_t kCommandEnc = 0x02;
constexpr std::uint8_t kAnswerMac = 0x10;
constexpr std::uint8_t kAnswerEnc = 0x20;

/// What is derived: the constant in the block (Table 4-1).
enum class Derived : std::uint8_t {
  card_cryptogram = 0x00,
  host_cryptogram = 0x01,
  card_challenge = 0x02,
  enc = 0x04,
  mac = 0x06,
  rmac = 0x07
};

/// The KDF in counter mode (4.1.5): CMACs of label(12) | 00 | length in bits(2) | i | context.
Secret derive(const Secret& key, Derived what, std::size_t size, ByteView context) {
  Secret result(size);
  std::uint8_t i = 1;
  for (MutableBytes rest = result.expose_mutable(); !rest.empty(); ++i) {
    Bytes input(11);
    input.push_back(static_cast<std::uint8_t>(what));
    input.push_back(0x00);
    emvcrypto::append_number(input, size * 8, 2);
    input.push_back(i);
    append(input, context);
    const Secret block = aes::secret_cmac(key, input);
    const std::size_t part = std::min(rest.size(), block.size());
    std::ranges::copy(block.expose().first(part), rest.begin());
    rest = rest.subspan(part);
  }
  return result;
}

Bytes derive_bytes(const Secret& key, Derived what, std::size_t size, ByteView context) {
  const Secret derived = derive(key, what, size, context);
  return Bytes(derived.expose().begin(), derived.expose().end());
}

/// An answer that says an error goes without protection (6.2.5).
bool is_error(Status status) {
  return status != sw::ok && status >> 8 != 0x62 && status >> 8 != 0x63;
}

}  // namespace

Scp03CardSession::Scp03CardSession(const CardKeys& keys, Scp03Option option, std::uint32_t sequence,
                                   ByteView host_challenge, ByteView aid, const Random& random)
    : option_(option), dek_(keys.dek.duplicate()), chain_(kBlock) {
  emvcrypto::append_number(sequence_, sequence, 3);
  if (has(kDerivedChallenge)) {
    card_challenge_ =
        derive_bytes(keys.enc, Derived::card_challenge, 8, concat({ByteView(sequence_), aid}));
  } else {
    card_challenge_.resize(8);
    random(card_challenge_);
  }
  context_ = concat({host_challenge, ByteView(card_challenge_)});
  enc_ = derive(keys.enc, Derived::enc, keys.enc.size(), context_);
  mac_ = derive(keys.mac, Derived::mac, keys.mac.size(), context_);
  rmac_ = derive(keys.mac, Derived::rmac, keys.mac.size(), context_);
}

Bytes Scp03CardSession::card_cryptogram() const {
  return derive_bytes(mac_, Derived::card_cryptogram, 8, context_);
}

Bytes Scp03CardSession::initial_answer() const {
  Bytes answer{kProtocol, static_cast<std::uint8_t>(option_)};
  append(answer, card_challenge_);
  append(answer, card_cryptogram());
  if (has(kDerivedChallenge)) append(answer, sequence_);
  return answer;
}

bool Scp03CardSession::knows_level(std::uint8_t level) const {
  switch (level) {
    case 0:
    case kCommandMac:
    case kCommandMac | kCommandEnc:
      return true;
    case kCommandMac | kAnswerMac:
    case kCommandMac | kCommandEnc | kAnswerMac:
      return has(kAnswersHaveMac);
    case kCommandMac | kCommandEnc | kAnswerMac | kAnswerEnc:
      return has(kAnswersHaveMac) && has(kAnswersAreEnciphered);
    default:
      return false;
  }
}

Status Scp03CardSession::authenticate(const Command& command) {
  if (command.cla != 0x84 || open_) return sw::security;
  if (command.data.size() != 8 + kMac) return sw::wrong_length;
  if (!knows_level(command.p1) || command.p2 != 0) return sw::wrong_parameters;
  const ByteView data = command.data;
  const Bytes expected = derive_bytes(mac_, Derived::host_cryptogram, 8, context_);
  if (!same_bytes(expected, data.first(8))) return sw::authentication_failed;
  if (!mac_fits(command, data.first(8), data.subspan(8))) return sw::security;
  level_ = command.p1;
  open_ = true;
  return sw::ok;
}

/// The MAC stands over what is sent, so that it is checked before anything is deciphered (6.2.4).
std::optional<Bytes> Scp03CardSession::unwrap(const Command& command) {
  if (!open_) return std::nullopt;
  ++counter_;
  const bool secured = (command.cla & kSecureMessaging) != 0;
  if (secured != (level_ != 0)) return std::nullopt;
  if (!secured) return command.data;
  const ByteView data = command.data;
  if (data.size() < kMac) return std::nullopt;
  const ByteView body = data.first(data.size() - kMac);
  if (!mac_fits(command, body, data.last(kMac))) return std::nullopt;
  if ((level_ & kCommandEnc) == 0 || body.empty()) return Bytes(body.begin(), body.end());
  if (body.size() % kBlock != 0) return std::nullopt;
  const Secret clear = aes::decipher_cbc(enc_, body, initial_value(0x00));
  const auto stripped = without_padding_80(clear.expose(), kBlock);
  if (!stripped) return std::nullopt;
  return Bytes(stripped->begin(), stripped->end());
}

/// R-ENC, then R-MAC over the command's MAC | data | status (6.2.5, 6.2.7).
Answer Scp03CardSession::protect(Answer answer) {
  if ((level_ & kAnswerMac) == 0 || is_error(answer.status)) return answer;
  if ((level_ & kAnswerEnc) != 0 && !answer.data.empty())
    answer.data = aes::encipher_cbc(enc_, padded_80(answer.data, kBlock), initial_value(0x80));
  const Bytes mac = aes::cmac(rmac_, concat({chain_, answer.encoded()}));
  append(answer.data, ByteView(mac).first(kMac));
  return answer;
}

std::size_t Scp03CardSession::answer_growth() const {
  return (level_ & kAnswerMac) == 0 ? 0 : kMac + ((level_ & kAnswerEnc) == 0 ? 0 : kBlock);
}

Secret Scp03CardSession::decipher(ByteView blocks) const {
  return aes::decipher_cbc(dek_, blocks);
}

/// Chaining (6.2.4): the last MAC | header | Lc | data as sent.
bool Scp03CardSession::mac_fits(const Command& command, ByteView body, ByteView mac) {
  Bytes message = chain_;
  for (const std::uint8_t byte : {command.cla, command.ins, command.p1, command.p2,
                                  static_cast<std::uint8_t>(command.data.size())})
    message.push_back(byte);
  append(message, body);
  const Bytes expected = aes::cmac(mac_, message);
  if (!same_bytes(ByteView(expected).first(kMac), mac)) return false;
  chain_ = expected;
  return true;
}

/// The IV of a command, or of the answer to it (first byte 80): its number enciphered (6.2.6).
Bytes Scp03CardSession::initial_value(std::uint8_t first_byte) const {
  Bytes number{first_byte, 0, 0, 0, 0, 0, 0, 0};
  emvcrypto::append_number(number, counter_, 8);
  return aes::block(enc_, number);
}

}  // namespace kpd::chip
