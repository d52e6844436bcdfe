#include "kpd/keys/aes_derivation.h"

#include "emvcrypto/cmac.h"

namespace kpd {
namespace {

using emvcrypto::Bytes;
using emvcrypto::ByteView;

constexpr std::size_t kBlock = 16;

/// K1 of CMAC: the enciphered zero block, doubled.
Bytes first_subkey(hsm::Token& token, const hsm::Key& key) {
  Bytes block(kBlock);
  token.encrypt_ecb(key, block);
  emvcrypto::double_cmac_block(block);
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

/// What makes the CMACs of one message for each block of a key as long as this one a new key: the
/// input of its derivation.
template <typename Message>
Bytes cmac_inputs(hsm::Token& token, const hsm::Key& key, ByteView subkey, const Message& message) {
  Bytes input;
  for (std::size_t i = 1; i * kBlock <= key.size(); ++i)
    emvcrypto::append(input,
                      last_cmac_input(token, key, message(static_cast<std::uint8_t>(i)), subkey));
  return input;
}

}  // namespace

Bytes aes_card_key_input(ByteView key_data, emvcrypto::CardKey which, std::uint8_t i) {
  return emvcrypto::concat(
      {Bytes{i, 0x00, 0x00, 0x00, static_cast<std::uint8_t>(which), 0x00}, key_data});
}

AesMaster aes_master(hsm::Token& token, hsm::Key key) {
  Bytes subkey = first_subkey(token, key);
  return {std::move(key), std::move(subkey)};
}

Bytes aes_card_key_derivation(hsm::Token& token, const AesMaster& master, ByteView key_data,
                              emvcrypto::CardKey which) {
  return cmac_inputs(token, master.key, master.subkey,
                     [&](std::uint8_t i) { return aes_card_key_input(key_data, which, i); });
}

hsm::Key derive_aes_card_key(hsm::Token& token, const AesMaster& master, ByteView key_data,
                             emvcrypto::CardKey which, const hsm::Usage& usage) {
  const Bytes input = aes_card_key_derivation(token, master, key_data, which);
  return token.derive(master.key, {&input, 1}, hsm::Token::DeriveMode::ecb, usage).front();
}

hsm::Key derive_scp03_key(hsm::Token& token, const hsm::Key& card_key, emvcrypto::Scp03Use use,
                          ByteView context, const hsm::Usage& usage) {
  const Bytes input =
      cmac_inputs(token, card_key, first_subkey(token, card_key), [&](std::uint8_t i) {
        Bytes message(11);
        message.push_back(static_cast<std::uint8_t>(use));
        message.push_back(0x00);
        emvcrypto::append_number(message, card_key.size() * 8, 2);
        message.push_back(i);
        emvcrypto::append(message, context);
        return message;
      });
  return token.derive(card_key, {&input, 1}, hsm::Token::DeriveMode::ecb, usage).front();
}

}  // namespace kpd
