#include "kpd/keys/aes_derivation.h"

namespace kpd {
namespace {

using emvcrypto::Bytes;
using emvcrypto::ByteView;

constexpr std::size_t kBlock = 16;
constexpr std::uint8_t kReduction = 0x87;

/// K1 of CMAC: the enciphered zero block, doubled in GF(2^128) (NIST SP 800-38B, 6.1).
Bytes first_subkey(hsm::Token& token, const hsm::Key& key) {
  Bytes block(kBlock);
  token.encrypt_ecb(key, block);
  const bool carry = (block[0] & 0x80) != 0;
  for (std::size_t i = 0; i < kBlock; ++i)
    block[i] = static_cast<std::uint8_t>(block[i] << 1 | (i + 1 < kBlock ? block[i + 1] >> 7 : 0));
  if (carry) block.back() ^= kReduction;
  return block;
}

void add(Bytes& to, ByteView block) {
  for (std::size_t i = 0; i < kBlock; ++i) to[i] ^= block[i];
}

/// What the key enciphers last when it makes the CMAC of whole blocks: all that stands before the
/// result, which the device therefore can keep to itself.
Bytes last_cmac_input(hsm::Token& token, const hsm::Key& key, ByteView message, ByteView subkey) {
  Bytes state(kBlock);
  for (; message.size() > kBlock; message = message.subspan(kBlock)) {
    add(state, message.first(kBlock));
    token.encrypt_ecb(key, state);
  }
  add(state, message);
  add(state, subkey);
  return state;
}

/// The CMACs of the messages, one block each, behind each other as a new key.
hsm::Key derive_cmacs(hsm::Token& token, const hsm::Key& key, std::span<const Bytes> messages,
                      const hsm::Usage& usage) {
  const Bytes subkey = first_subkey(token, key);
  Bytes input;
  for (const Bytes& message : messages)
    emvcrypto::append(input, last_cmac_input(token, key, message, subkey));
  return token.derive(key, {&input, 1}, hsm::Token::DeriveMode::ecb, usage).front();
}

/// One message for each block of a key as long as this one.
template <typename Message>
hsm::Key derive_blocks(hsm::Token& token, const hsm::Key& key, const Message& message,
                       const hsm::Usage& usage) {
  std::vector<Bytes> messages;
  for (std::size_t i = 1; i * kBlock <= key.size(); ++i)
    messages.push_back(message(static_cast<std::uint8_t>(i)));
  return derive_cmacs(token, key, messages, usage);
}

}  // namespace

Bytes aes_card_key_input(ByteView key_data, emvcrypto::CardKey which, std::uint8_t i) {
  return emvcrypto::concat(
      {Bytes{i, 0x00, 0x00, 0x00, static_cast<std::uint8_t>(which), 0x00}, key_data});
}

hsm::Key derive_aes_card_key(hsm::Token& token, const hsm::Key& master, ByteView key_data,
                             emvcrypto::CardKey which, const hsm::Usage& usage) {
  return derive_blocks(
      token, master, [&](std::uint8_t i) { return aes_card_key_input(key_data, which, i); }, usage);
}

hsm::Key derive_scp03_key(hsm::Token& token, const hsm::Key& card_key, emvcrypto::Scp03Use use,
                          ByteView context, const hsm::Usage& usage) {
  return derive_blocks(
      token, card_key,
      [&](std::uint8_t i) {
        Bytes message(11);
        message.push_back(static_cast<std::uint8_t>(use));
        message.push_back(0x00);
        emvcrypto::append_number(message, card_key.size() * 8, 2);
        message.push_back(i);
        emvcrypto::append(message, context);
        return message;
      },
      usage);
}

}  // namespace kpd
