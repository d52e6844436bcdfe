#include "kpd/keys/given_secrets.h"

#include <catch2/catch.hpp>

#include "emvcrypto/cipher.h"
#include "test/unit/support/test_device.h"

using emvcrypto::Bytes;
using emvcrypto::from_hex;
using hsm::Secret;
using kpd::GivenSecret;

namespace {

Secret secret(std::string_view hex) {
  return Secret(emvcrypto::ByteView(from_hex(hex)));
}

std::string fault_of(std::string_view key, bool odd_parity, const std::optional<Bytes>& kcv = {}) {
  Secret clear = secret(key);
  const auto fault = kpd::check_given_key(clear, odd_parity, kcv);
  return fault ? fault->code : "good";
}

}  // namespace

TEST_CASE("secrets of all lengths under one key are opened in one call of the device") {
  hsm_test::TestDevice device;
  const bool aes = GENERATE(false, true);
  const auto mode = GENERATE(GivenSecret::Mode::ecb, GivenSecret::Mode::cbc);
  CAPTURE(aes);
  const Bytes value = hsm_test::sample(16, 0x21);
  const hsm::Key key =
      device.token->create_secret(aes ? hsm::KeyType::aes : hsm::KeyType::des2,
                                  Secret(emvcrypto::ByteView(value)), {.decrypt = true});
  const auto cipher = aes ? emvcrypto::make_aes(value) : emvcrypto::make_des(value);
  const std::vector<Bytes> clear{hsm_test::sample(16, 3), hsm_test::sample(64, 5),
                                 hsm_test::sample(32, 7)};
  std::vector<Bytes> enciphered = clear;
  for (Bytes& one : enciphered)
    mode == GivenSecret::Mode::ecb ? cipher->encrypt(one) : cipher->encrypt_cbc(one);

  int calls = 0;
  device.module->set_tap([&](std::string_view call) -> unsigned long {
    calls += call == "C_Decrypt" || call == "C_DecryptUpdate";
    return 0;
  });
  const auto opened = kpd::open_secrets(*device.token, key, mode, enciphered);
  device.module->set_tap({});
  REQUIRE(opened.size() == 3);
  for (std::size_t i = 0; i < 3; ++i)
    CHECK(emvcrypto::to_hex(opened[i].expose()) == emvcrypto::to_hex(clear[i]));
  CHECK(calls == 1);
  CHECK(kpd::open_secrets(*device.token, key, mode, {}).empty());
}

TEST_CASE("an enciphered secret is whole blocks") {
  hsm_test::TestDevice device;
  const hsm::Key key = device.token->generate_secret(hsm::KeyType::aes, 16, {.decrypt = true});
  const auto mode = GivenSecret::Mode::ecb;
  const std::vector<Bytes> odd{Bytes(16), Bytes(24)}, empty{Bytes()};
  CHECK_THROWS_AS(kpd::open_secrets(*device.token, key, mode, odd), std::invalid_argument);
  CHECK_THROWS_AS(kpd::open_secrets(*device.token, key, mode, empty), std::invalid_argument);
}

TEST_CASE("a given key has its parity, its strength and its check value") {
  constexpr std::string_view kGood = "0123456789ABCDEFFEDCBA9876543210";
  constexpr std::string_view kEven = "0022446688AACCEEFFDDBB9977553311";
  const Bytes kcv = from_hex("08D7B4");
  CHECK(fault_of(kGood, true) == "good");
  CHECK(fault_of(kGood, true, kcv) == "good");
  CHECK(fault_of(kGood, true, from_hex("08D7B5")) == "key-kcv");
  CHECK(fault_of(kEven, true) == "key-parity");
  CHECK(fault_of(kEven, false, kcv) == "good");
  CHECK(fault_of("01010101010101010123456789ABCDEF", true) == "key-weak");
  CHECK(fault_of("0123456789ABCDEF0123456789ABCDEF", true) == "key-weak");
  CHECK(fault_of("00000000000000000000000000000000", false) == "key-weak");

  Secret key = secret(kEven);
  REQUIRE_FALSE(kpd::check_given_key(key, false, {}));
  CHECK(key.equals(secret(kGood)));  // set right
}

TEST_CASE("a padding is taken off where it is one") {
  const auto bare = [](std::string_view hex) {
    const auto found = kpd::without_padding(secret(hex));
    return found ? emvcrypto::to_hex(found->expose()) : "none";
  };
  CHECK(bare("0102038000000000") == "010203");
  CHECK(bare("0102030405060780") == "01020304050607");
  CHECK(bare("8000000000000000").empty());
  CHECK(bare("0102030405060708") == "none");
  CHECK(bare("0000000000000000") == "none");
  CHECK(bare("") == "none");
}
