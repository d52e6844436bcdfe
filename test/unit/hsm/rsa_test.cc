#include "emvcrypto/rsa.h"

#include <catch2/catch.hpp>

#include "test/unit/support/test_device.h"

using namespace hsm_test;

namespace {

emvcrypto::RsaPublicKey as_public(const hsm::RsaPublic& key) {
  return {key.modulus, key.exponent};
}

Bytes block_below(const hsm::RsaPublic& key, std::uint8_t start) {
  Bytes block = sample(key.modulus.size(), start);
  block[0] = 0x6A;  // a modulus starts with 80 or more
  return block;
}

}  // namespace

TEST_CASE("raw signatures of the token recover to what was signed, odd lengths too") {
  TestDevice device;
  for (const std::size_t bits : {std::size_t{1024}, std::size_t{1032}, std::size_t{1408}}) {
    const Key key = device.token->generate_rsa(bits, bits == 1024 ? 3 : 65537, {.sign = true},
                                               "issuer-" + std::to_string(bits));
    CHECK(key.size() == bits / 8);
    const auto half = device.token->public_key(key);
    CHECK(half.modulus.size() == bits / 8);
    const Bytes blocks[] = {block_below(half, 1), block_below(half, 2), block_below(half, 3)};
    const auto signatures = device.token->sign_raw(key, blocks);
    REQUIRE(signatures.size() == 3);
    for (std::size_t i = 0; i < 3; ++i)
      CHECK(emvcrypto::rsa_recover(as_public(half), signatures[i]) == blocks[i]);
  }
}

TEST_CASE("a block that is not as long as the modulus is never signed") {
  TestDevice device;
  const Key key = device.token->generate_rsa(1024, 65537, {.sign = true}, "issuer");
  const Bytes blocks[] = {Bytes(127, 1)};
  CHECK_THROWS_AS(device.token->sign_raw(key, blocks), std::invalid_argument);
  CHECK_THROWS_AS(device.token->generate_rsa(1025, 3, {.sign = true}, "x"), std::invalid_argument);
  CHECK_THROWS_AS(device.token->generate_rsa(1024, 4, {.sign = true}, "x"), std::invalid_argument);
  CHECK_THROWS_AS(device.token->generate_rsa(1024, 3, {.sign = true, .extractable = true}, "x"),
                  std::invalid_argument);
}

TEST_CASE("an exposed pair is whole, and nothing of it stays in the device") {
  TestDevice device;
  int made = 0;
  int destroyed = 0;
  device.module->set_tap([&](std::string_view call) {
    made += call == "C_GenerateKeyPair" ? 2 : 0;
    destroyed += call == "C_DestroyObject" ? 1 : 0;
    return 0UL;
  });
  for (const std::size_t bits : {std::size_t{1152}, std::size_t{1408}, std::size_t{1032}}) {
    for (const unsigned exponent : {3U, 65537U}) {
      auto pair = device.token->generate_rsa_exposed(bits, exponent);
      CHECK(pair.public_key.modulus.size() == bits / 8);
      CHECK(pair.public_key.exponent == (exponent == 3 ? Bytes{3} : Bytes{1, 0, 1}));
      const std::size_t half = (bits / 8 + 1) / 2;
      for (const Secret* part : {&pair.p, &pair.q, &pair.dp, &pair.dq, &pair.qinv})
        CHECK(part->size() == half);
      const auto key = as_public(pair.public_key);
      const auto signer =
          emvcrypto::make_rsa_signer(key, {std::move(pair.p), std::move(pair.q), std::move(pair.dp),
                                           std::move(pair.dq), std::move(pair.qinv)});
      const Bytes blocks[] = {block_below(pair.public_key, 9)};
      const auto signatures = signer->sign_raw(blocks);
      CHECK(emvcrypto::rsa_recover(key, signatures[0]) == blocks[0]);
    }
  }
  device.module->set_tap({});
  CHECK(made == 12);
  CHECK(destroyed == 12);
}

TEST_CASE("a destroyed private key takes its public half along") {
  TestDevice device;
  const Key key = device.token->generate_rsa(1024, 65537, {.sign = true}, "issuer");
  CHECK(device.token->list().size() == 2);
  device.token->destroy(key);
  CHECK(device.token->list().empty());
  CHECK_FALSE(device.token->try_find("issuer"));
}
