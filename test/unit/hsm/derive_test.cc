#include <catch2/catch.hpp>

#include "emvcrypto/cipher.h"
#include "test/unit/support/test_device.h"

using namespace hsm_test;
using DeriveMode = hsm::Token::DeriveMode;

namespace {

const Bytes kMaster = emvcrypto::from_hex("9E15204313F7318ACB79B90BD986AD29");
const Bytes kMaster3 = emvcrypto::from_hex("9E15204313F7318ACB79B90BD986AD29D0B3A2C4E5F70102");

/// What the derived key must be: the input enciphered in software, with odd parity.
Bytes expected_key(ByteView master, Bytes input, DeriveMode mode) {
  const auto cipher = emvcrypto::make_des(master);
  if (mode == DeriveMode::ecb)
    cipher->encrypt(input);
  else
    cipher->encrypt_cbc(input);
  emvcrypto::set_odd_parity(input);
  return input;
}

Bytes on_token(hsm::Token& token, const Key& key, Bytes blocks) {
  token.encrypt_ecb(key, blocks);
  return blocks;
}

}  // namespace

TEST_CASE("derived keys are the input enciphered under the master, for both modes and lengths") {
  TestDevice device;
  auto& token = *device.token;
  for (const Bytes& value : {kMaster, kMaster3}) {
    const KeyType type = value.size() == 16 ? KeyType::des2 : KeyType::des3;
    const Key master = token.create_secret(type, Secret(value), {.derive = true});
    for (const DeriveMode mode : {DeriveMode::ecb, DeriveMode::cbc}) {
      const Bytes inputs[] = {sample(16, 3), sample(24, 4), sample(16, 5)};
      const auto keys = token.derive(master, inputs, mode, {.encrypt = true});
      REQUIRE(keys.size() == 3);
      for (std::size_t i = 0; i < 3; ++i) {
        CHECK(keys[i].size() == inputs[i].size());
        CHECK(keys[i].type() == (inputs[i].size() == 16 ? KeyType::des2 : KeyType::des3));
        CHECK(keys[i].label().empty());
        const Bytes key = expected_key(value, inputs[i], mode);
        CHECK(on_token(token, keys[i], sample(32)) == des_ecb(key, sample(32)));
        Bytes check = des_ecb(key, Bytes(8));
        check.resize(3);
        CHECK(token.kcv(keys[i]) == check);
      }
    }
  }
}

TEST_CASE("a derived key leaves the device only when it was asked to") {
  TestDevice device;
  auto& token = *device.token;
  const Key master = token.create_secret(KeyType::des2, Secret(kMaster), {.derive = true});
  const Key kek = token.generate_secret(KeyType::aes, 32, {.wrap = true, .unwrap = true});
  const Bytes inputs[] = {sample(16)};
  const auto stays = token.derive(master, inputs, DeriveMode::ecb, {.encrypt = true});
  CHECK_THROWS_AS(token.wrap(kek, stays[0], hsm::Token::WrapMethod::aes_kw), hsm::Error);
  const auto leaves =
      token.derive(master, inputs, DeriveMode::ecb, {.encrypt = true, .extractable = true});
  const Bytes wrapped = token.wrap(kek, leaves[0], hsm::Token::WrapMethod::aes_kw);
  const Key back = token.unwrap(kek, wrapped, hsm::Token::WrapMethod::aes_kw, KeyType::des2, 0,
                                {.encrypt = true});
  CHECK(token.kcv(back) == token.kcv(stays[0]));
}

TEST_CASE("inputs of other lengths and masters of other types are refused") {
  TestDevice device;
  auto& token = *device.token;
  const Key master = token.generate_secret(KeyType::des2, 16, {.derive = true});
  const Bytes wrong[] = {Bytes(16), Bytes(8)};
  CHECK_THROWS_AS(token.derive(master, wrong, DeriveMode::ecb, {}), std::invalid_argument);
  const Key aes = token.generate_secret(KeyType::aes, 16, {.derive = true});
  const Bytes right[] = {Bytes(16)}, of_des[] = {Bytes(24)};
  CHECK_THROWS_AS(token.derive(aes, right, DeriveMode::cbc, {}), std::invalid_argument);
  CHECK_THROWS_AS(token.derive(aes, of_des, DeriveMode::ecb, {}), std::invalid_argument);
  const Key seed = token.generate_secret(KeyType::generic, 32, {.derive = true});
  CHECK_THROWS_AS(token.derive(seed, right, DeriveMode::ecb, {}), std::invalid_argument);
}

TEST_CASE("under an AES master derived keys are AES keys as long as their input") {
  TestDevice device;
  auto& token = *device.token;
  for (const std::size_t size : {std::size_t{16}, std::size_t{32}}) {
    const Bytes value = sample(size, 7);
    const Key master = token.create_secret(KeyType::aes, Secret(value), {.derive = true});
    const Bytes inputs[] = {sample(16, 3), sample(32, 4)};
    const auto keys = token.derive(master, inputs, DeriveMode::ecb, {.encrypt = true});
    for (std::size_t i = 0; i < 2; ++i) {
      CHECK(keys[i].type() == KeyType::aes);
      CHECK(keys[i].size() == inputs[i].size());
      CHECK(on_token(token, keys[i], sample(32)) == aes_ecb(aes_ecb(value, inputs[i]), sample(32)));
    }
  }
}
