#include "emvcrypto/pinblock.h"

#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>

#include "test/unit/emvcrypto/vectors.h"

using namespace emvcrypto;

namespace {

Secret secret(std::string_view text) {
  return Secret(as_bytes(text));
}
Secret block_of(std::string_view hex) {
  return Secret(from_hex(hex));
}
std::string shown(const Secret& secret) {
  return to_hex(secret.expose());
}

std::string random_digits(std::size_t size) {
  return *rc::gen::container<std::string>(size, rc::gen::inRange<char>('0', '9' + 1));
}

Secret block(int format, const Secret& pin, std::string_view pan, ByteView random) {
  switch (format) {
    case 0:
      return pin_block_0(pin, pan);
    case 1:
      return pin_block_1(pin, random);
    case 2:
      return pin_block_2(pin);
    default:
      return pin_block_3(pin, pan, random);
  }
}

constexpr std::string_view kPan = "5555555551234567";

}  // namespace

TEST_CASE("PIN blocks are those of ISO 9564-1") {
  for (const auto& entry : test::vectors("pin_blocks")) {
    const auto& inputs = entry.at("inputs");
    const int format = inputs.at("format");
    if (format == 4) continue;  // pinblock_aes_test.cc
    INFO(entry.at("id"));
    const std::string pin = inputs.at("PIN");
    const std::string pan = inputs.value("PAN", "");
    if (format == 1) {
      const Secret block = pin_block_1(secret(pin), Bytes(7, 0x9D));
      CHECK(shown(block).starts_with(test::text(entry.at("expected"), "prefix")));
      CHECK(shown(block).ends_with("9D9D9D9D9D"));
      continue;
    }
    const Secret expected(test::hex(entry.at("expected"), "block"));
    // A random byte of 5 gives the fill digit F.
    CHECK(block(format, secret(pin), pan, Bytes(10, 5)).equals(expected));
    const auto read = read_pin_block(format, expected, pan);
    REQUIRE(read);
    CHECK(as_text(read->expose()) == pin);
  }
}

TEST_CASE("every PIN comes back out of its block") {
  rc::prop("for any PIN, PAN and fill", [] {
    const std::string pin = random_digits(*rc::gen::inRange<std::size_t>(4, 13));
    const std::string pan = random_digits(*rc::gen::inRange<std::size_t>(12, 20));
    const auto random = *rc::gen::container<Bytes>(10, rc::gen::arbitrary<std::uint8_t>());
    for (int format : {0, 1, 2, 3}) {
      const Secret built = block(format, secret(pin), pan, random);
      RC_ASSERT(built.size() == 8U);
      const auto read = read_pin_block(format, built, pan);
      RC_ASSERT(read.has_value());
      RC_ASSERT(as_text(read->expose()) == pin);
    }
  });
}

TEST_CASE("a block for another PAN is found out") {
  const Secret block = pin_block_0(secret("1234"), kPan);
  for (std::string_view other : {"5555555551234667", "4555555551234567", "5555555551235567"}) {
    // The first digits of the field lie over the PIN itself; any other difference shows in the
    // fill.
    INFO(other);
    const bool same_field = other.substr(3, 12) == kPan.substr(3, 12);
    CHECK(read_pin_block(0, block, other).has_value() == same_field);
    if (!same_field) CHECK(read_pin_block(0, block, other).error().code == "pin-block");
  }
}

TEST_CASE("what is wrong with a block has its own code") {
  const auto code = [](std::string_view hex) {
    const auto read = read_pin_block(0, block_of(hex), "0000000000000000");
    return read ? std::string("good") : read.error().code;
  };
  CHECK(code("041234FFFFFFFFFF") == "good");
  CHECK(code("241234FFFFFFFFFF") == "pin-format");
  CHECK(code("041234FFFFFFFF") == "pin-format");
  CHECK(code("03123FFFFFFFFFFF") == "pin-length");
  CHECK(code("0D123456789012FF") == "pin-length");
  CHECK(code("00FFFFFFFFFFFFFF") == "pin-length");
  CHECK(code("0412A4FFFFFFFFFF") == "pin-block");
  CHECK(code("041234FFFFFFFFF0") == "pin-block");
  CHECK(code("041234EFFFFFFFFF") == "pin-block");
}

TEST_CASE("the fill of format 3 is A to F") {
  const std::string_view pan = "0000000000000000";
  CHECK(read_pin_block(3, block_of("341234ABCDEFFEDC"), pan));
  CHECK(read_pin_block(3, block_of("341234ABCDEFFED9"), pan).error().code == "pin-block");
}

TEST_CASE("faults never tell the PIN or the PAN") {
  const auto read = read_pin_block(0, block_of("041234EFFFFFFFFF"), kPan);
  REQUIRE_FALSE(read);
  CHECK(read.error().reason.find_first_of("123456789") == std::string::npos);
}

TEST_CASE("what is no PIN or too little fill gets no block") {
  for (const char* pin : {"", "123", "1234567890123", "12a4", "12 4"}) {
    CHECK_THROWS_AS(pin_block_0(secret(pin), kPan), std::invalid_argument);
    CHECK_THROWS_AS(pin_block_2(secret(pin)), std::invalid_argument);
  }
  CHECK_THROWS_AS(pin_block_1(secret("1234"), Bytes(6)), std::invalid_argument);
  CHECK_THROWS_AS(pin_block_3(secret("1234"), kPan, Bytes(9)), std::invalid_argument);
  CHECK_THROWS_AS(pin_block_0(secret("1234"), "1"), std::invalid_argument);
  CHECK_THROWS_AS(read_pin_block(4, Secret(std::size_t{8}), kPan), std::invalid_argument);
}
