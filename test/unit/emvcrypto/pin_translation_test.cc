#include "emvcrypto/pin_translation.h"

#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>

#include "emvcrypto/pinblock_aes.h"
#include "test/unit/emvcrypto/vectors.h"

using namespace emvcrypto;

namespace {

constexpr const char* kPan = "5555555551234567";

Secret digits(std::string_view pin) {
  return Secret(as_bytes(pin));
}

}  // namespace

TEST_CASE("blocks of every format are those of other systems") {
  for (const auto& entry : test::vectors("pin_blocks")) {
    INFO(entry.at("id"));
    const auto& inputs = entry.at("inputs");
    const auto& expected = entry.at("expected");
    const int format = inputs.at("format");
    if (expected.contains("pan_field"))
      CHECK(to_hex(pan_field_4(test::text(inputs, "PAN"))) == test::text(expected, "pan_field"));
    if (!inputs.contains("PIN")) continue;
    const std::string pin = test::text(inputs, "PIN");
    const std::string pan = inputs.contains("PAN") ? test::text(inputs, "PAN") : kPan;
    const Bytes random(10, format == 4 ? 0xFF : 5);  // 5: a fill of F in format 3
    const ClearPinBlock made = make_pin_block(format, digits(pin), pan, random);
    if (expected.contains("prefix"))
      CHECK(to_hex(made.block.expose()).starts_with(test::text(expected, "prefix")));
    else
      CHECK(to_hex(made.block.expose()) ==
            test::text(expected, format == 4 ? "pin_field" : "block"));
    if (format == 4) {
      Bytes block(made.block.expose().begin(), made.block.expose().end());
      encipher_fields_4(*make_aes(test::hex(inputs, "key")), block, pan_field_4(pan));
      CHECK(to_hex(block) == test::text(expected, "block"));
    }
    CHECK(read_any_pin_block(made, pan)->equals(digits(pin)));
  }
}

TEST_CASE("a PIN survives every way from format to format and PAN to PAN") {
  rc::prop("for any PIN and random bytes", [](std::uint32_t number) {
    const std::string pin = std::to_string(1000 + number % 4'000'000'000U);
    Bytes random(16);
    for (std::size_t i = 0; i < random.size(); ++i)
      random[i] = static_cast<std::uint8_t>(number >> i % 4 * 8 ^ i * 37);
    const char* other_pan = "4761739001010119";
    for (int from = 0; from <= 4; ++from)
      for (int to = 0; to <= 4; ++to) {
        const ClearPinBlock block = make_pin_block(from, digits(pin), kPan, random);
        const auto translated = translate_pin_block(block, kPan, to, other_pan, random);
        RC_ASSERT(translated.has_value());
        RC_ASSERT(translated->format == to);
        RC_ASSERT(read_any_pin_block(*translated, other_pan)->equals(digits(pin)));
      }
  });
}

TEST_CASE("a block for another PAN or of another format is not translated") {
  const ClearPinBlock block = make_pin_block(0, digits("1234"), kPan, {});
  CHECK(translate_pin_block(block, "5555555559876543", 2, kPan, {}).error().code == "pin-block");
  CHECK(translate_pin_block({3, block.block.duplicate()}, kPan, 2, kPan, {}).error().code ==
        "pin-format");
  CHECK(translate_pin_block({4, block.block.duplicate()}, kPan, 2, kPan, {}).error().code ==
        "pin-format");
  CHECK_THROWS_AS(make_pin_block(5, digits("1234"), kPan, {}), std::invalid_argument);
  CHECK_THROWS_AS(translate_pin_block(block, kPan, 4, kPan, Bytes(7)), std::invalid_argument);
}
