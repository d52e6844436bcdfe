#include "kpd/keys/aes_derivation.h"

#include <catch2/catch.hpp>

#include "emvcrypto/cmac.h"
#include "test/unit/support/test_device.h"

using namespace kpd;
using hsm::Bytes;
using hsm::ByteView;
using hsm::KeyType;
using hsm::Secret;

namespace {

const hsm::Usage kDeriving{.encrypt = true, .derive = true};

Bytes by_device(hsm::Token& token, const hsm::Key& key) {
  Bytes blocks(32, 0x5A);
  token.encrypt_ecb(key, blocks);
  return blocks;
}

Bytes in_host(ByteView key) {
  Bytes blocks(32, 0x5A);
  emvcrypto::make_aes(key)->encrypt(blocks);
  return blocks;
}

Bytes some_key(std::size_t size, std::uint8_t first) {
  Bytes key(size);
  for (std::size_t i = 0; i < size; ++i) key[i] = static_cast<std::uint8_t>(first + 7 * i);
  return key;
}

}  // namespace

TEST_CASE("a chip's AES keys are CMACs of its KEYDATA, made in the device") {
  hsm_test::TestDevice device;
  const Bytes key_data = emvcrypto::from_hex("00010203040506070809");
  const std::size_t size = GENERATE(16, 32);
  // With and without the carry in the doubling of the subkey.
  for (std::uint8_t first = 0; first < 8; ++first) {
    const Bytes master = some_key(size, first);
    const hsm::Key kmc = device.token->create_secret(KeyType::aes, Secret(master), kDeriving);
    const hsm::Key mac = derive_aes_card_key(*device.token, aes_master(*device.token, kmc),
                                             key_data, emvcrypto::CardKey::mac, kDeriving);
    Bytes expected;
    for (std::uint8_t i = 1; i <= size / 16; ++i)
      emvcrypto::append(expected,
                        emvcrypto::cmac(*emvcrypto::make_aes(master),
                                        emvcrypto::concat({Bytes{i, 0, 0, 0, 2, 0}, key_data})));
    CHECK(mac.size() == size);
    CHECK(by_device(*device.token, mac) == in_host(expected));
  }
}

TEST_CASE("session keys of protocol 03 made in the device are those made in the host") {
  hsm_test::TestDevice device;
  const Bytes context = emvcrypto::from_hex("8E1552D0513C60F30CD2C47C1DD39506");
  const std::size_t size = GENERATE(16, 32);
  using emvcrypto::Scp03Use;
  const Scp03Use use = GENERATE(Scp03Use::enc, Scp03Use::mac, Scp03Use::rmac);
  const Bytes card = some_key(size, 0x21);
  const hsm::Key card_key = device.token->create_secret(KeyType::aes, Secret(card), kDeriving);
  const hsm::Key session =
      derive_scp03_key(*device.token, card_key, use, context, {.encrypt = true});
  const Secret expected = emvcrypto::scp03_derive(*emvcrypto::make_aes(card), use, size, context);
  CHECK(by_device(*device.token, session) == in_host(expected.expose()));
}

TEST_CASE("session keys of protocol 03 in the device are the test vector's") {
  hsm_test::TestDevice device;
  const Bytes card = emvcrypto::from_hex("000102030405060708090A0B0C0D0E0F");
  const hsm::Key card_key = device.token->create_secret(KeyType::aes, Secret(card), kDeriving);
  const hsm::Key session =
      derive_scp03_key(*device.token, card_key, emvcrypto::Scp03Use::enc,
                       emvcrypto::from_hex("8E1552D0513C60F330760CD2C47C1DD3"), {.encrypt = true});
  CHECK(by_device(*device.token, session) ==
        in_host(emvcrypto::from_hex("EE54985E150155E021725489F717D645")));
}
