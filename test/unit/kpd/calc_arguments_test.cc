#include <catch2/catch.hpp>

#include "calc_test_values.h"

using namespace kpd::calc;

namespace {

constexpr std::array kParameters{key("key", "A key").sized(16, 32, 8),
                                 hex("data", "Bytes").sized(2, 4).optional(),
                                 digits("psn", "Digits").sized(2).or_else("00"),
                                 number("count", "A number").sized(2, 9).or_else("3"),
                                 choice("colour", "green yellow", "A word").optional(),
                                 date("day", "A day").optional(),
                                 truth("loud", "A switch"),
                                 pin().optional(),
                                 hex("part", "Some").sized(1).several().optional()};
const std::string kKey = "0123456789abcdefFEDCBA9876543210";

std::string refusal(const std::vector<std::pair<std::string, std::string>>& pairs,
                    bool clear_test_keys = true) {
  const auto arguments = check_arguments(kParameters, given(pairs), clear_test_keys);
  if (arguments) return "accepted";
  CHECK(arguments.error().code == "usage");
  return arguments.error().reason;
}

}  // namespace

TEST_CASE("calc: values come out in their kinds, with fallbacks") {
  const auto arguments = check_arguments(kParameters,
                                         given({{"key", kKey},
                                                {"data", "01:02 03"},
                                                {"colour", "green"},
                                                {"day", "2026-11-22"},
                                                {"loud", "true"},
                                                {"pin", "1234"}}),
                                         true);
  REQUIRE(arguments);
  CHECK(arguments->secret("key").size() == 16);
  CHECK(emvcrypto::to_hex(arguments->bytes("data")) == "010203");
  CHECK(arguments->text("psn") == "00");
  CHECK(arguments->number("count") == 3);
  CHECK(arguments->date("day").day == 22);
  CHECK(arguments->truth("loud"));
  CHECK_FALSE(
      check_arguments(kParameters, given({{"key", kKey}, {"loud", "false"}}), true)->truth("loud"));
  CHECK(arguments->secret("pin").size() == 4);
  CHECK(arguments->bytes("part").empty());
  CHECK_THROWS_AS(arguments->text("nothing"), std::logic_error);
}

TEST_CASE("calc: each wrong value is told with what is wanted") {
  CHECK(refusal({}) == "missing: key (16 to 32 bytes, a multiple of 8)");
  CHECK(refusal({{"key", kKey.substr(1)}}) ==
        "key: 31 hexadecimal digits are no whole bytes: one is missing or too many");
  CHECK(refusal({{"key", kKey.substr(2)}}) ==
        "key: wanted: 16 to 32 bytes, a multiple of 8; given: 15 bytes");
  CHECK(refusal({{"key", kKey + "0011"}}) ==
        "key: wanted: 16 to 32 bytes, a multiple of 8; given: 18 bytes");
  CHECK(refusal({{"key", "xy" + kKey.substr(2)}}) == "key: character 1 is no hexadecimal digit");
  CHECK(refusal({{"key", kKey}, {"data", "01"}}) == "data: wanted: 2 to 4 bytes; given: 1 byte");
  CHECK(refusal({{"key", kKey}, {"psn", "1"}}) == "psn: wanted: 2 digits; given: 1 digit");
  CHECK(refusal({{"key", kKey}, {"psn", "1x"}}) == "psn: decimal digits wanted, nothing else");
  CHECK(refusal({{"key", kKey}, {"count", "10"}}) == "count: wanted: a number from 2 to 9");
  CHECK(refusal({{"key", kKey}, {"count", "-3"}}) == "count: wanted: a number from 2 to 9");
  CHECK(refusal({{"key", kKey}, {"count", ""}}) == "count: wanted: a number from 2 to 9");
  CHECK(refusal({{"key", kKey}, {"colour", "gren"}}) ==
        "colour: wanted: one of green, yellow; did you mean 'green'?");
  CHECK(refusal({{"key", kKey}, {"day", "2026-02-30"}}) == "day: wanted: a date YYYY-MM-DD");
  CHECK(refusal({{"key", kKey}, {"loud", "yes"}}) == "loud: wanted: true or false");
  CHECK(refusal({{"key", kKey}, {"pin", "12a4"}}) == "pin: a PIN has decimal digits alone");
  CHECK(refusal({{"key", kKey}, {"pin", "123"}}) == "pin: wanted: 4 to 12 digits; given: 3 digits");
}

TEST_CASE(
    "calc: a parameter that is unknown is told with a hint, but no word that may be a value") {
  CHECK(refusal({{"keyy", kKey}}) == "there is no parameter 'keyy', did you mean 'key'?");
  CHECK(refusal({{kKey, "1"}, {"key", kKey}}) == "there is a parameter that is unknown");
  CHECK(refusal({{"zzz", "1"}, {"key", "wrong"}}) == "there is no parameter 'zzz'");
}

TEST_CASE("calc: one value each, unless a parameter takes several") {
  CHECK(refusal({{"key", kKey}, {"psn", "01"}, {"psn", "02"}}) ==
        "psn: one value wanted, there are 2");
  const auto arguments =
      check_arguments(kParameters, given({{"key", kKey}, {"part", "01"}, {"part", "02"}}), true);
  REQUIRE(arguments);
  CHECK(arguments->byte_strings("part").size() == 2);
}

TEST_CASE("calc: secrets in clear are for tests alone") {
  CHECK(refusal({{"key", kKey}}, false).find("--clear-test-keys") != std::string::npos);
  CHECK(refusal({{"key", kKey}}, false).find(kKey) == std::string::npos);
  CHECK(check_arguments(kParameters, given({{"key", kKey}, {"pin", "1234"}}, false), false));
}
