#include <array>
#include <catch2/catch.hpp>
#include <map>

#include "emvcrypto/cipher.h"
#include "emvcrypto/kcv.h"
#include "emvcrypto/pinblock.h"
#include "hsm/probe.h"
#include "test/unit/support/nss_device.h"

using namespace hsm_test;
using Catch::Contains;
using emvcrypto::from_hex;

namespace {

const Secret kMaster(from_hex("0123456789ABCDEFFEDCBA9876543210"));
const Secret kTransport(from_hex("5B29BC70568568866BD90B4F6B85FD13"));
const Secret kAesTransport(from_hex("6F1C83A2D45E907B18C3F62A59B0E47D"));

/// The key that the master gives, as a card takes it.
Bytes card_key(const Bytes& input) {
  Bytes key = des_ecb(kMaster.expose(), input);
  emvcrypto::set_odd_parity(key);
  return key;
}

/// How often each function is called while `work` runs.
std::map<std::string, int> calls_of(hsm::Module& module, const std::function<void()>& work) {
  std::map<std::string, int> calls;
  module.set_tap([&](std::string_view call) {
    ++calls[std::string(call)];
    return 0UL;
  });
  work();
  module.set_tap({});
  return calls;
}

}  // namespace

TEST_CASE("card keys are derived and leave under 3DES, with their check values, unseen") {
  NssDevice device;
  const Key master = device.token->create_secret(KeyType::des2, kMaster, {.derive = true});
  const Key transport = device.token->create_secret(KeyType::des2, kTransport, {.wrap = true});
  const std::array inputs = {sample(16, 1), sample(16, 90)};
  std::vector<hsm::InsideKey> made;
  auto calls = calls_of(*device.module,
                        [&] { made = device.token->derive_wrapped(master, inputs, transport); });
  REQUIRE(made.size() == 2);
  for (std::size_t i = 0; i < made.size(); ++i) {
    CHECK(made[i].wrapped == des_ecb(kTransport.expose(), card_key(inputs[i])));
    CHECK(made[i].kcv == emvcrypto::des_kcv(*emvcrypto::make_des(card_key(inputs[i]))));
  }
  CHECK(calls["C_WrapKey"] == 2);
  CHECK(calls["C_Decrypt"] == 0);
  CHECK(calls["C_GetAttributeValue"] == 0);
}

TEST_CASE("card keys leave under AES where a device wraps nothing under 3DES") {
  TestDevice device;
  const Key master = device.token->create_secret(KeyType::des2, kMaster, {.derive = true});
  const std::array inputs = {sample(16)};
  const Key aes = device.token->create_secret(KeyType::aes, kAesTransport, {.wrap = true});
  const auto made = device.token->derive_wrapped(master, inputs, aes);
  CHECK(made.front().wrapped == aes_ecb(kAesTransport.expose(), card_key(inputs[0])));
  CHECK(made.front().kcv == emvcrypto::des_kcv(*emvcrypto::make_des(card_key(inputs[0]))));
  const Key des = device.token->create_secret(KeyType::des2, kTransport, {.wrap = true});
  CHECK_THROWS_WITH(device.token->derive_wrapped(master, inputs, des),
                    Contains("CKR_MECHANISM_INVALID"));
}

TEST_CASE("a PIN block goes from key to key and from format 0 to format 2, unseen") {
  NssDevice device;
  const Key from = device.token->create_secret(KeyType::des2, kMaster, {.unwrap = true});
  const Key to = device.token->create_secret(KeyType::des2, kTransport, {.wrap = true});
  const Secret pin(emvcrypto::as_bytes("123456"));
  const std::string pan = "4000001234567899";
  const Secret clear = emvcrypto::pin_block_0(pin, pan);
  const Bytes came = des_ecb(kMaster.expose(), Bytes(clear.expose().begin(), clear.expose().end()));
  const Bytes mask = from_hex("2000000123456789");  // 20, then the PAN's 12 digits
  std::vector<Bytes> went;
  auto calls = calls_of(*device.module, [&] {
    const std::array secrets = {hsm::Passage{came, mask}, hsm::Passage{came, {}}};
    went = device.token->rewrap_ecb(from, to, secrets);
  });
  const Secret on_card = emvcrypto::pin_block_2(pin);
  CHECK(went[0] ==
        des_ecb(kTransport.expose(), Bytes(on_card.expose().begin(), on_card.expose().end())));
  CHECK(went[1] ==
        des_ecb(kTransport.expose(), Bytes(clear.expose().begin(), clear.expose().end())));
  CHECK(calls["C_UnwrapKey"] == 2);
  CHECK(calls["C_DestroyObject"] == 3);
  CHECK(calls["C_Decrypt"] == 0);
  CHECK(calls["C_Encrypt"] == 0);
  CHECK(calls["C_GetAttributeValue"] == 0);
}

TEST_CASE("padding that everybody knows goes under a key that may only wrap") {
  NssDevice device;
  const Key key = device.token->create_secret(KeyType::des2, kTransport, {.wrap = true});
  const Bytes padding = from_hex("8000000000000000");
  CHECK(device.token->wrap_public(key, padding) == des_ecb(kTransport.expose(), padding));
  CHECK_THROWS_AS(device.token->wrap_public(key, Bytes(7)), std::invalid_argument);
}

TEST_CASE("what goes inside the device is whole blocks under DES keys that may") {
  NssDevice device;
  hsm::Token& token = *device.token;
  const Key from = token.create_secret(KeyType::des2, kMaster, {.unwrap = true});
  const Key to = token.create_secret(KeyType::des2, kTransport, {.wrap = true});
  const Key aes = token.create_secret(KeyType::aes, kAesTransport, {.wrap = true});
  const Bytes seven(7), eight(8);
  const auto pass = [&](const Key& a, const Key& b, const hsm::Passage& one) {
    return token.rewrap_ecb(a, b, {&one, 1});
  };
  CHECK_THROWS_AS(pass(from, to, {seven, {}}), std::invalid_argument);
  CHECK_THROWS_AS(pass(from, to, {eight, seven}), std::invalid_argument);
  CHECK_THROWS_AS(pass(from, aes, {eight, {}}), std::invalid_argument);
  CHECK_THROWS_AS(pass(to, to, {eight, {}}), hsm::Error);
  CHECK_THROWS_AS(token.unwrap_ecb(from, Bytes(8), {.encrypt = true}), std::invalid_argument);
  CHECK(token.list().empty());
}

TEST_CASE("a key comes out of ECB with the usage that was asked for") {
  NssDevice device;
  const Key above = device.token->create_secret(KeyType::des2, kMaster, {.unwrap = true});
  const Key key = device.token->unwrap_ecb(
      above,
      des_ecb(kMaster.expose(), Bytes(kTransport.expose().begin(), kTransport.expose().end())),
      {.encrypt = true});
  Bytes block = sample(8);
  device.token->encrypt_ecb(key, block);
  CHECK(block == des_ecb(kTransport.expose(), sample(8)));
  CHECK_THROWS_AS(device.token->decrypt_ecb(key, block), hsm::Error);
}
