/// What happens when the device answers with errors, at every call.
#include <catch2/catch.hpp>

#include "test/unit/support/test_device.h"

using namespace hsm_test;
using Catch::Matchers::Contains;

namespace {

constexpr unsigned long kFunctionFailed = 0x06;
constexpr unsigned long kDeviceRemoved = 0x32;

/// Work that touches every part of a token.
void work(hsm::Token& token) {
  const hsm::Usage leaves = {.encrypt = true, .extractable = true};
  const Key kek = token.generate_secret(KeyType::aes, 32, {.wrap = true, .unwrap = true}, "kek");
  const Key master = token.create_secret(KeyType::des2, Secret(sample(16)), {.derive = true});
  const Bytes inputs[] = {sample(16), sample(24)};
  const auto derived = token.derive(master, inputs, hsm::Token::DeriveMode::ecb, leaves);
  const Bytes wrapped = token.wrap(kek, derived[0], hsm::Token::WrapMethod::aes_kw);
  const Key back =
      token.unwrap(kek, wrapped, hsm::Token::WrapMethod::aes_kw, KeyType::des2, 16, leaves, "back");
  token.seal_against_export(back);
  Bytes blocks = sample(64);
  token.encrypt_ecb(token.find("back"), blocks);
  token.encrypt_cbc(derived[1], blocks);
  const Key storage = token.generate_secret(KeyType::aes, 32, {.encrypt = true, .decrypt = true});
  token.unseal(storage, token.seal(storage, Secret(sample(8)), {}), {});
  const Key signer = token.generate_rsa(512, 65537, {.sign = true}, "signer");
  const Bytes messages[] = {Bytes(64, 1)};
  token.sign_raw(signer, messages);
  token.generate_rsa_exposed(512, 65537);
  token.import_public(token.public_key(signer));
  token.kcv(kek);
  token.list();
  for (const char* label : {"kek", "back", "signer"}) token.destroy(token.find(label));
}

/// Removes what broken-off work left on the token.
void tidy(hsm::Token& token) {
  for (const char* label : {"kek", "back", "signer"})
    for (int tries = 0; tries < 2; ++tries)
      if (const auto key = token.try_find(label)) token.destroy(*key);
}

}  // namespace

TEST_CASE("whichever call fails, it is an Error or nothing, and nothing stays open") {
  TestDevice device;
  int opened = 0;
  int closed = 0;
  int calls = 0;
  int fail_at = 0;
  const auto tap = [&](std::string_view call) {
    opened += call == "C_OpenSession" ? 1 : 0;
    closed += call == "C_CloseSession" ? 1 : 0;
    return ++calls == fail_at && call != "C_CloseSession" ? kFunctionFailed : 0UL;
  };
  device.module->set_tap(tap);
  work(*device.token);
  const int total = calls;
  REQUIRE(total > 100);
  for (fail_at = 1; fail_at <= total; ++fail_at) {
    CAPTURE(fail_at);
    calls = 0;
    try {
      work(*device.token);
    } catch (const hsm::Error& error) {
      CHECK(error.rv() == kFunctionFailed);
      CHECK_THAT(error.what(), Contains("failed: CKR_FUNCTION_FAILED (0x6)"));
    } catch (const hsm::SetupError&) {
      // A check value or key that could not be found for it.
    }
    calls = total;
    const int at = std::exchange(fail_at, -1);
    tidy(*device.token);
    fail_at = at;
  }
  fail_at = -1;
  work(*device.token);
  CHECK(device.token->list().empty());
  device.token.reset();
  // The first sessions were opened before the tap: the anchor and what opening the token took.
  CHECK(closed >= opened);
  CHECK(closed - opened <= 2);
  device.module->set_tap({});
}

TEST_CASE("a lost device is said as such, and not asked again item by item") {
  TestDevice device;
  auto& token = *device.token;
  const Key key = token.generate_secret(KeyType::des2, 16, {.encrypt = true});
  Bytes block(8);
  device.module->set_tap(
      [](std::string_view call) { return call == "C_Encrypt" ? kDeviceRemoved : 0UL; });
  try {
    token.encrypt_ecb(key, block);
    FAIL("no error");
  } catch (const hsm::Error& error) {
    CHECK(error.device_lost());
    CHECK(error.rv() == kDeviceRemoved);
    CHECK_THAT(error.what(), Contains("C_Encrypt failed: CKR_DEVICE_REMOVED (0x32): the device is "
                                      "gone"));
  }
  int calls = 0;
  device.module->set_tap([&](std::string_view) {
    ++calls;
    return 0UL;
  });
  CHECK_THROWS_AS(token.encrypt_ecb(key, block), hsm::Error);
  CHECK_THROWS_AS(token.list(), hsm::Error);
  CHECK(calls == 0);
  device.module->set_tap({});
  GivenPin pin;
  const auto again = hsm::Token::open(device.module, "first", pin);
  CHECK(again->list().empty());
}

TEST_CASE("an error has its name, its number and what to do; unknown ones their number") {
  CHECK(hsm::ckr_name(0xA0) == "CKR_PIN_INCORRECT");
  CHECK(hsm::ckr_name(0x80001234) == "0x80001234");
  CHECK(std::string(hsm::Error("C_Sign", 0x80001234).what()) == "C_Sign failed: 0x80001234");
  CHECK(std::string(hsm::Error("C_Sign", 0x5, "why").what()) ==
        "C_Sign failed: CKR_GENERAL_ERROR (0x5): why");
  for (const unsigned long rv : {0x30UL, 0x32UL, 0xB3UL, 0xE0UL, 0x190UL})
    CHECK(hsm::Error("C_Sign", rv).device_lost());
  for (const unsigned long rv : {0x5UL, 0x60UL, 0x70UL, 0xA0UL, 0x150UL})
    CHECK_FALSE(hsm::Error("C_Sign", rv).device_lost());
}
