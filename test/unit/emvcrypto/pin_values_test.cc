// PVV and IBM 3624.
#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>

#include "emvcrypto/ibm3624.h"
#include "emvcrypto/pvv.h"
#include "test/unit/emvcrypto/vectors.h"

using namespace emvcrypto;

namespace {

constexpr std::string_view kTable = "0123456789012345";

Secret secret(std::string_view text) {
  return Secret(as_bytes(text));
}

std::string shown(const Secret& secret) {
  return std::string(as_text(secret.expose()));
}

std::string pvv(BlockCipher& pvk, std::string_view pan, std::string_view pin, char index = '1') {
  const Secret clear = secret(pin);
  const PvvInput card{pan, index, &clear};
  return pin_verification_values(pvk, std::span(&card, 1)).at(0);
}

}  // namespace

TEST_CASE("PIN verification values are those of other systems") {
  for (const auto& entry : test::vectors("pvv")) {
    INFO(entry.at("id"));
    const auto& inputs = entry.at("inputs");
    const auto pvk = make_des(test::hex(inputs, "PVK"));
    CHECK(pvv(*pvk, test::text(inputs, "PAN"), test::text(inputs, "PIN"),
              test::text(inputs, "PVKI")[0]) == test::text(entry.at("expected"), "PVV"));
  }
}

TEST_CASE("a PIN verification value hangs on PAN, key index and the first four digits of the PIN") {
  const auto pvk = make_des(from_hex("0123456789ABCDEFFEDCBA9876543210"));
  const std::string value = pvv(*pvk, "1122334455667788", "4524");
  CHECK(pvv(*pvk, "1122334455667788", "452499") == value);
  CHECK(pvv(*pvk, "1122334455667780", "4524") == value);  // the check digit does not count
  CHECK(pvv(*pvk, "1122334455667788", "4525") != value);
  CHECK(pvv(*pvk, "1122334455667788", "4524", '2') != value);
  CHECK(pvv(*pvk, "1122334455667688", "4524") != value);
}

TEST_CASE("a list of PIN verification values comes in its order") {
  const auto pvk = make_des(from_hex("0123456789ABCDEFFEDCBA9876543210"));
  const Secret first = secret("4524"), second = secret("0570");
  const PvvInput cards[] = {{"1122334455667788", '1', &first}, {"1122334455667718", '1', &second}};
  CHECK(pin_verification_values(*pvk, cards) == std::vector<std::string>{"8523", "3144"});
  CHECK(pin_verification_values(*pvk, {}).empty());
}

TEST_CASE("a PIN verification value over anything else is refused") {
  const auto pvk = make_des(Bytes(16));
  CHECK_THROWS_AS(pvv(*pvk, "11223344556", "4524"), std::invalid_argument);
  CHECK_THROWS_AS(pvv(*pvk, "112233445566778A", "4524"), std::invalid_argument);
  CHECK_THROWS_AS(pvv(*pvk, "1122334455667788", "452"), std::invalid_argument);
  CHECK_THROWS_AS(pvv(*pvk, "1122334455667788", "45A4"), std::invalid_argument);
  CHECK_THROWS_AS(pvv(*pvk, "1122334455667788", "4524", 'A'), std::invalid_argument);
  const PvvInput none{"1122334455667788", '1', nullptr};
  CHECK_THROWS_AS(pin_verification_values(*pvk, std::span(&none, 1)), std::invalid_argument);
}

TEST_CASE("natural PINs and PINs from offsets are those of other systems") {
  for (const auto& entry : test::vectors("ibm3624")) {
    INFO(entry.at("id"));
    const auto& inputs = entry.at("inputs");
    const auto& expected = entry.at("expected");
    const auto pvk = make_des(test::hex(inputs, "PVK"));
    const std::string validation = test::text(inputs, "validation_data");
    const auto natural = natural_pins(*pvk, std::span(&validation, 1),
                                      test::text(inputs, "decimalisation_table"), 4);
    REQUIRE(natural.size() == 1);
    CHECK(shown(natural[0]) == test::text(expected, "natural_PIN"));
    const Secret pin = pin_from_offset(natural[0], test::text(inputs, "offset"));
    CHECK(shown(pin) == test::text(expected, "PIN"));
    CHECK(pin_offset(pin, natural[0]) == test::text(inputs, "offset"));
  }
}

TEST_CASE("any PIN is its natural PIN and its offset") {
  rc::prop("for any PIN and validation data", [] {
    const auto digits = [](std::size_t size) {
      return *rc::gen::container<std::string>(size, rc::gen::inRange<char>('0', '9' + 1));
    };
    const std::string pin = digits(*rc::gen::inRange<std::size_t>(4, 13));
    const std::vector<std::string> validation{digits(16), digits(16)};
    const auto pvk = make_des(from_hex("0123456789ABCDEFFEDCBA9876543210"));
    const auto natural = natural_pins(*pvk, validation, kTable, pin.size());
    const std::string offset = pin_offset(secret(pin), natural.at(1));
    RC_ASSERT(shown(pin_from_offset(natural.at(1), offset)) == pin);
  });
}

TEST_CASE("decimalisation tables have 16 digits, and enough different ones") {
  CHECK(is_decimalisation_table(kTable));
  CHECK(is_decimalisation_table("1234567890123456"));
  CHECK_FALSE(is_decimalisation_table("012345678901234"));
  CHECK_FALSE(is_decimalisation_table("0123456789ABCDEF"));
  CHECK_FALSE(is_decimalisation_table("0000000000000001"));
  CHECK_FALSE(is_decimalisation_table("0123456012345601"));
}

TEST_CASE("natural PINs and offsets of anything else are refused") {
  const auto pvk = make_des(Bytes(16));
  const std::string good(16, '1'), shorter(14, '1'), text = "11223344556677XX";
  CHECK_THROWS_AS(natural_pins(*pvk, std::span(&shorter, 1), kTable, 4), std::invalid_argument);
  CHECK_THROWS_AS(natural_pins(*pvk, std::span(&text, 1), kTable, 4), std::invalid_argument);
  CHECK_THROWS_AS(natural_pins(*pvk, std::span(&good, 1), kTable, 3), std::invalid_argument);
  CHECK_THROWS_AS(natural_pins(*pvk, std::span(&good, 1), "0", 4), std::invalid_argument);
  CHECK_THROWS_AS(pin_from_offset(secret("1234"), "123"), std::invalid_argument);
  CHECK_THROWS_AS(pin_from_offset(secret("1234"), "12A4"), std::invalid_argument);
  CHECK_THROWS_AS(pin_offset(secret("1234"), secret("12345")), std::invalid_argument);
}
