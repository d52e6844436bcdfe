#include <catch2/catch.hpp>

#include "test/unit/support/nss_device.h"

using namespace hsm_test;
using Catch::Contains;

TEST_CASE("a device whose tokens come with its parameters keeps keys between runs") {
  NssDevice device;
  CHECK(device.module->token_labels() == std::vector<std::string>{"first", "second"});
  const Key made = device.token->generate_secret(KeyType::des2, 16, {.encrypt = true}, "KEK1");
  const Bytes kcv = device.token->kcv(made);
  device.token->generate_rsa(1152, 65537, {.sign = true}, "ISS");
  device.close();
  device.open();
  device.token = device.open_token("first");
  CHECK(device.token->kcv(device.token->find("KEK1")) == kcv);
  CHECK(device.token->public_key(device.token->find("ISS")).modulus.size() == 144);
  CHECK_FALSE(device.open_token("second")->try_find("KEK1"));
}

TEST_CASE("a token gets its PIN once, and a wrong one is refused") {
  NssDevice device;
  CHECK_THROWS_WITH(device.module->init_token("first", test_pin(), test_pin(), NssDevice::making()),
                    Contains("already"));
  CHECK_THROWS_WITH(device.module->init_token("third", test_pin(), test_pin(), NssDevice::making()),
                    Contains("no slot"));
  GivenPin wrong("4711-wrong");
  CHECK_THROWS_WITH(hsm::Token::open(device.module, "second", wrong), Contains("refused the PIN"));
}

TEST_CASE("a library that is in use is not started by other rules") {
  NssDevice device;
  CHECK_THROWS_WITH(hsm::Module::load(NssDevice::path()), Contains("other settings"));
  CHECK(hsm::Module::load(NssDevice::path(), device.rules()));
}

TEST_CASE("an exponent that the device does not make is its own answer") {
  NssDevice device;
  CHECK_THROWS_WITH(device.token->generate_rsa_exposed(1152, 3), Contains("CKR_ARGUMENTS_BAD"));
  CHECK(device.token->generate_rsa_exposed(1152, 65537).p.size() == 72);
}

TEST_CASE("a key that is sealed against export stays, also where a copy is the key itself") {
  NssDevice device;
  Key key =
      device.token->generate_secret(KeyType::aes, 32, {.wrap = true, .extractable = true}, "KEK2");
  const Bytes kcv = device.token->kcv(key);
  device.token->seal_against_export(key);
  CHECK(device.token->kcv(key) == kcv);
  device.close();
  device.open();
  device.token = device.open_token("first");
  const Key found = device.token->find("KEK2");
  CHECK(device.token->kcv(found) == kcv);
  CHECK_FALSE(found.usage().extractable);
}

TEST_CASE("a token that takes no more keys says why and keeps what it has") {
  NssDevice device;
  device.token->generate_secret(KeyType::aes, 32, {.wrap = true}, "KEEP");
  for (const unsigned long answer : {0x31UL, 0xe2UL}) {  // full; write-protected
    device.module->set_tap([&](std::string_view call) {
      return call == "C_CopyObject" || call == "C_GenerateKey" || call == "C_GenerateKeyPair"
                 ? answer
                 : 0UL;
    });
    CHECK_THROWS_WITH(device.token->generate_secret(KeyType::aes, 32, {.wrap = true}, "NEW"),
                      Contains(answer == 0x31UL ? "no room left" : "write-protected"));
    CHECK_THROWS_AS(device.token->generate_rsa(1152, 65537, {.sign = true}, "NEW"), hsm::Error);
    device.module->set_tap({});
    CHECK(device.token->list().size() == 1);
    CHECK_FALSE(device.token->try_find("NEW"));
  }
}
