#include "emvcrypto/derivation.h"

#include <catch2/catch.hpp>

#include "emvcrypto/dac.h"
#include "emvcrypto/kcv.h"
#include "test/unit/emvcrypto/vectors.h"

using namespace emvcrypto;

namespace {

UdkOption option_of(const std::string& name) {
  return name == "A" ? UdkOption::a : name == "B" ? UdkOption::b : UdkOption::c;
}

Bytes diversifier(UdkOption option, std::string_view pan, std::string_view psn) {
  switch (option) {
    case UdkOption::a:
      return udk_diversifier_a(pan, psn);
    case UdkOption::b:
      return udk_diversifier_b(pan, psn);
    default:
      return udk_diversifier_c(pan, psn);
  }
}

}  // namespace

TEST_CASE("card keys are those that other systems derive") {
  for (const auto& entry : test::vectors("emv_master_key_derivation")) {
    INFO(entry.at("id"));
    const auto& inputs = entry.at("inputs");
    const auto& expected = entry.at("expected");
    const UdkOption option = option_of(inputs.at("option"));
    const std::string pan = inputs.at("PAN");
    const std::string psn = inputs.at("PSN");
    CHECK(to_hex(diversifier(option, pan, psn)) == test::text(expected, "Y"));

    const Bytes imk = test::hex(inputs, "IMK");
    const auto cipher = option == UdkOption::c ? make_aes(imk) : make_des(imk);
    const Secret key = derive_udk(*cipher, option, pan, psn, imk.size());
    CHECK(to_hex(key.expose()) == test::text(expected, "MK"));
    if (expected.contains("KCV2"))
      CHECK(test::kcv(key.expose(), 2) == test::text(expected, "KCV2"));
    else if (option == UdkOption::c)
      CHECK(to_hex(aes_cmac_kcv(key.expose())) == test::text(expected, "KCV"));
    else
      CHECK(test::kcv(key.expose(), 3) == test::text(expected, "KCV"));
  }
}

TEST_CASE("option B is option A up to 16 digits") {
  CHECK(udk_diversifier_b("1234567890123456", "07") == udk_diversifier_a("1234567890123456", "07"));
  CHECK(udk_diversifier_b("12345678901234567", "07") !=
        udk_diversifier_a("12345678901234567", "07"));
}

TEST_CASE("a short PAN is padded with zeros") {
  CHECK(to_hex(udk_diversifier_a("12345", "01")) == "0000000001234501");
  CHECK(to_hex(udk_diversifier_c("12345", "01")) == "00000000000000000000000001234501");
}

TEST_CASE("a 19-digit PAN is hashed with its sequence number") {
  // SHA-1 of 05 41 33 39 00 00 00 06 16 50 01.
  CHECK(udk_diversifier_b("5413339000000061650", "01").size() == 8);
  CHECK(udk_diversifier_b("5413339000000061650", "01") !=
        udk_diversifier_b("5413339000000061650", "02"));
}

TEST_CASE("the input of a card key is Y and its complement") {
  CHECK(to_hex(udk_input(UdkOption::a, "1234567890123456", "00")) ==
        "3456789012345600CBA9876FEDCBA9FF");
  CHECK(udk_input(UdkOption::c, "1234567890123456", "00") ==
        udk_diversifier_c("1234567890123456", "00"));
}

TEST_CASE("keys are not derived from what is no PAN or sequence number") {
  for (const char* pan : {"", "12345678901234567890", "123A", "12 34"})
    CHECK_THROWS_AS(udk_diversifier_a(pan, "00"), std::invalid_argument);
  for (const char* psn : {"", "1", "001", "A1"})
    CHECK_THROWS_AS(udk_diversifier_b("1234567890123456", psn), std::invalid_argument);
  const auto aes = make_aes(Bytes(16));
  const auto des = make_des(Bytes(16));
  CHECK_THROWS_AS(derive_udk(*aes, UdkOption::a, "1234", "00"), std::invalid_argument);
  CHECK_THROWS_AS(derive_udk(*des, UdkOption::c, "1234", "00"), std::invalid_argument);
}

TEST_CASE("the data authentication code is the PAN's under its own key") {
  const auto imk = make_des(from_hex("0123456789ABCDEFFEDCBA9876543210"));
  Bytes block = from_hex("3456789012345601");
  imk->encrypt(block);
  block.resize(2);
  CHECK(data_authentication_code(*imk, "1234567890123456", "01") == block);
  CHECK_THROWS_AS(data_authentication_code(*make_aes(Bytes(16)), "1234567890123456", "01"),
                  std::invalid_argument);
  CHECK_THROWS_AS(data_authentication_code(*imk, "12A4", "01"), std::invalid_argument);
}

TEST_CASE("secure channel keys come from KMC by either rule") {
  for (const auto& entry : test::vectors("cps_kmc_to_card_keys")) {
    INFO(entry.at("id"));
    const auto& inputs = entry.at("inputs");
    const auto& expected = entry.at("expected");
    const auto kmc = make_des(test::hex(inputs, "KMC"));
    const Bytes key_data = test::hex(inputs, "KEYDATA");
    const auto key = [&](CardKey which) {
      Bytes value = inputs.at("mode") == "emv" ? kdc_input_cps(key_data, which)
                                               : kdc_input_split(key_data, which);
      kmc->encrypt(value);
      return value;
    };
    CHECK(to_hex(key(CardKey::enc)) == test::text(expected, "K_ENC"));
    CHECK(to_hex(key(CardKey::mac)) == test::text(expected, "K_MAC"));
    CHECK(to_hex(key(CardKey::dek)) == test::text(expected, "K_DEK"));
    CHECK(test::kcv(key(CardKey::enc), 3) == test::text(expected, "KCV_ENC"));
    CHECK(test::kcv(key(CardKey::mac), 3) == test::text(expected, "KCV_MAC"));
    CHECK(test::kcv(key(CardKey::dek), 3) == test::text(expected, "KCV_DEK"));
  }
  CHECK_THROWS_AS(kdc_input_cps(Bytes(9), CardKey::enc), std::invalid_argument);
  CHECK_THROWS_AS(kdc_input_split(Bytes(11), CardKey::enc), std::invalid_argument);
}
