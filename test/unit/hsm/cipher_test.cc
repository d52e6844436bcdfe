#include "emvcrypto/cipher.h"

#include <catch2/catch.hpp>

#include "test/unit/support/test_device.h"

using namespace hsm_test;
using emvcrypto::from_hex;

namespace {

const Bytes kDes2 = from_hex("0123456789ABCDEFFEDCBA9876543210");
const Bytes kDes3 = from_hex("0123456789ABCDEFFEDCBA987654321089ABCDEF01234567");
const Bytes kAes = from_hex("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F");

struct Case {
  KeyType type;
  Bytes value;
  std::size_t block;
};
const Case kCases[] = {{KeyType::des2, kDes2, 8},
                       {KeyType::des3, kDes3, 8},
                       {KeyType::aes, kAes, 16},
                       {KeyType::aes, Bytes(kAes.begin(), kAes.begin() + 16), 16}};

std::unique_ptr<emvcrypto::BlockCipher> in_host(const Case& c) {
  return c.type == KeyType::aes ? emvcrypto::make_aes(c.value) : emvcrypto::make_des(c.value);
}

}  // namespace

TEST_CASE("ECB and CBC on the token equal the software ciphers at every length") {
  TestDevice device;
  for (const auto& c : kCases) {
    const Key key =
        device.token->create_secret(c.type, Secret(c.value), {.encrypt = true, .decrypt = true});
    const auto cipher = in_host(c);
    for (const std::size_t size : {c.block, 5 * c.block, std::size_t{65536}, 65536 + c.block,
                                   std::size_t{200000} / 16 * 16}) {
      const Bytes clear = sample(size);
      Bytes expected = clear;
      cipher->encrypt(expected);
      Bytes actual = clear;
      device.token->encrypt_ecb(key, actual);
      CHECK((actual == expected));
      device.token->decrypt_ecb(key, actual);
      CHECK((actual == clear));

      expected = clear;
      cipher->encrypt_cbc(expected);
      device.token->encrypt_cbc(key, actual);
      CHECK((actual == expected));
      device.token->decrypt_cbc(key, actual);
      CHECK((actual == clear));
    }
  }
}

TEST_CASE("part of a block is refused before the device sees it") {
  TestDevice device;
  const Key key = device.token->generate_secret(KeyType::des2, 16, {.encrypt = true});
  Bytes odd(12);
  CHECK_THROWS_AS(device.token->encrypt_ecb(key, odd), std::invalid_argument);
  CHECK_THROWS_AS(device.token->encrypt_cbc(key, odd), std::invalid_argument);
  Bytes none;
  device.token->encrypt_ecb(key, none);
  CHECK(none.empty());
}

TEST_CASE("a key does only what its usage says") {
  TestDevice device;
  auto& token = *device.token;
  Bytes block(8);
  const Key encrypts = token.generate_secret(KeyType::des2, 16, {.encrypt = true});
  CHECK_THROWS_AS(token.decrypt_ecb(encrypts, block), hsm::Error);
  const Key derives = token.generate_secret(KeyType::des2, 16, {.derive = true});
  CHECK_THROWS_AS(token.encrypt_ecb(derives, block), hsm::Error);
  const Bytes inputs[] = {Bytes(16)};
  CHECK_THROWS_AS(token.derive(encrypts, inputs, hsm::Token::DeriveMode::ecb, {}), hsm::Error);
  const Key kek = token.generate_secret(KeyType::aes, 32, {.wrap = true});
  CHECK_THROWS_AS(token.wrap(kek, encrypts, hsm::Token::WrapMethod::aes_kw), hsm::Error);
  token.encrypt_ecb(encrypts, block);  // a session in which a call failed does no harm
}

TEST_CASE("HMAC-SHA-256 gives the codes of RFC 4231") {
  TestDevice device;
  const Key key = device.token->create_secret(KeyType::generic, Secret(Bytes(131, 0xAA)),
                                              {.sign = true, .verify = true});
  const Bytes messages[] = {
      from_hex("54657374205573696E67204C6172676572205468616E20426C6F636B2D53697A65204B6579202D2048"
               "617368204B6579204669727374"),
      {}};
  const auto codes = device.token->hmac_sha256(key, messages);
  REQUIRE(codes.size() == 2);
  CHECK(emvcrypto::to_hex(codes[0]) ==
        "60E431591EE0B67F0D8A26AACBF5B77F8E0BC6213728C5140546040F0EE37F54");
  CHECK(codes[1].size() == 32);
}

TEST_CASE("random bytes come in the number that is asked for and differ") {
  TestDevice device;
  CHECK(device.token->random(0).empty());
  CHECK(device.token->random(32).size() == 32);
  CHECK(device.token->random(32) != device.token->random(32));
}
