#include "emvcrypto/pinblock_aes.h"

#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>

#include "test/unit/emvcrypto/vectors.h"

using namespace emvcrypto;

namespace {

constexpr std::string_view kKey = "00112233445566778899AABBCCDDEEFF";

Secret secret(std::string_view text) {
  return Secret(as_bytes(text));
}

std::string random_digits(std::size_t size) {
  return *rc::gen::container<std::string>(size, rc::gen::inRange<char>('0', '9' + 1));
}

std::string fault_of(std::string_view field) {
  const auto pin = read_pin_field_4(Secret(from_hex(field)));
  return pin ? "good" : pin.error().code;
}

}  // namespace

TEST_CASE("PIN blocks of format 4 are those of other systems") {
  const auto entry = test::vector("pin_blocks", "psec-fmt4");
  const auto& expected = entry.at("expected");
  const Bytes pan_field = pan_field_4(test::text(entry.at("inputs"), "PAN"));
  CHECK(to_hex(pan_field) == test::text(expected, "pan_field"));
  Secret block = pin_field_4(secret(test::text(entry.at("inputs"), "PIN")), Bytes(8, 0xFF));
  CHECK(to_hex(block.expose()) == test::text(expected, "pin_field"));
  const auto aes = make_aes(test::hex(entry.at("inputs"), "key"));
  encipher_fields_4(*aes, block.expose_mutable(), pan_field);
  CHECK(to_hex(block.expose()) == test::text(expected, "block"));

  const auto shorter = test::vector("pin_blocks", "psec-fmt4-panfield");
  CHECK(to_hex(pan_field_4(test::text(shorter.at("inputs"), "PAN"))) ==
        test::text(shorter.at("expected"), "pan_field"));
  CHECK(to_hex(pan_field_4("1234")) == "00000000012340000000000000000000");
}

TEST_CASE("many blocks of format 4 are opened together, each with its own PAN") {
  rc::prop("for any PINs and PANs", [] {
    const auto aes = make_aes(from_hex(kKey));
    const std::size_t count = *rc::gen::inRange<std::size_t>(1, 6);
    std::vector<std::string> pins;
    Bytes blocks, pan_fields;
    for (std::size_t i = 0; i < count; ++i) {
      pins.push_back(random_digits(*rc::gen::inRange<std::size_t>(4, 13)));
      append(pan_fields, pan_field_4(random_digits(*rc::gen::inRange<std::size_t>(12, 20))));
      const auto random = *rc::gen::container<Bytes>(8, rc::gen::arbitrary<std::uint8_t>());
      append(blocks, pin_field_4(secret(pins.back()), random).expose());
    }
    encipher_fields_4(*aes, blocks, pan_fields);
    decipher_fields_4(*aes, blocks, pan_fields);
    for (std::size_t i = 0; i < count; ++i) {
      const auto pin = read_pin_field_4(Secret(ByteView(blocks).subspan(16 * i, 16)));
      RC_ASSERT(pin.has_value());
      RC_ASSERT(as_text(pin->expose()) == pins[i]);
    }
  });
}

TEST_CASE("what is wrong with a PIN field of format 4 has its own code") {
  CHECK(fault_of("441234AAAAAAAAAA0102030405060708") == "good");
  CHECK(fault_of("4C123456789012AA0102030405060708") == "good");
  CHECK(fault_of("041234FFFFFFFFFF0102030405060708") == "pin-format");
  CHECK(fault_of("441234AAAAAAAAAA") == "pin-format");
  CHECK(fault_of("43123AAAAAAAAAAA0102030405060708") == "pin-length");
  CHECK(fault_of("4D1234567890123A0102030405060708") == "pin-length");
  CHECK(fault_of("44123AAAAAAAAAAA0102030405060708") == "pin-block");
  CHECK(fault_of("441234AAAAAAAAAF0102030405060708") == "pin-block");
}

TEST_CASE("a block of format 4 is of no use with another PAN") {
  const auto aes = make_aes(from_hex(kKey));
  Secret block = pin_field_4(secret("1234"), Bytes(8, 0x5A));
  encipher_fields_4(*aes, block.expose_mutable(), pan_field_4("4761739001010119"));
  decipher_fields_4(*aes, block.expose_mutable(), pan_field_4("4761739001010127"));
  CHECK_FALSE(read_pin_field_4(block));
}

TEST_CASE("what is no PIN, PAN or whole field gets no block of format 4") {
  CHECK_THROWS_AS(pin_field_4(secret("123"), Bytes(8)), std::invalid_argument);
  CHECK_THROWS_AS(pin_field_4(secret("1234"), Bytes(7)), std::invalid_argument);
  CHECK_THROWS_AS(pan_field_4(""), std::invalid_argument);
  CHECK_THROWS_AS(pan_field_4("12345678901234567890"), std::invalid_argument);
  CHECK_THROWS_AS(pan_field_4("476173900101011A"), std::invalid_argument);
  const auto aes = make_aes(from_hex(kKey));
  Bytes fields(16);
  CHECK_THROWS_AS(encipher_fields_4(*aes, fields, Bytes(32)), std::invalid_argument);
  fields.resize(15);
  CHECK_THROWS_AS(decipher_fields_4(*aes, fields, Bytes(15)), std::invalid_argument);
}
