#include "emvcrypto/pan.h"

#include <rapidcheck/catch.h>

#include <catch2/catch.hpp>

using namespace emvcrypto;

TEST_CASE("check digits follow Luhn") {
  CHECK(luhn_digit("7992739871") == '3');
  CHECK(luhn_digit("476173900101011") == '9');
  CHECK(luhn_digit("") == '0');
  CHECK_THROWS_AS(luhn_digit("12x"), std::invalid_argument);
}

TEST_CASE("a PAN with its check digit is valid, with any other it is not") {
  rc::prop("for any number", [] {
    const auto size = *rc::gen::inRange<std::size_t>(1, 19);
    const auto body = *rc::gen::container<std::string>(size, rc::gen::inRange<char>('0', '9' + 1));
    const char right = luhn_digit(body);
    for (char digit = '0'; digit <= '9'; ++digit)
      RC_ASSERT(luhn_valid(body + digit) == (digit == right));
  });
}

TEST_CASE("what is not a PAN has no valid check digit") {
  for (const char* text : {"", "0", "47617390010101 9", "4761739001010A19", "00000000000000000000"})
    CHECK_FALSE(luhn_valid(text));
}

TEST_CASE("people see the first six and the last four digits") {
  CHECK(mask_pan("4761739001010119") == "476173******0119");
  CHECK(mask_pan("5413330089020000011") == "541333*********0011");
  CHECK(mask_pan("4761739001011") == "476173***1011");
}

TEST_CASE("a short PAN shows less") {
  CHECK(mask_pan("476173900101") == "********0101");
  CHECK(mask_pan("12345") == "*2345");
  CHECK(mask_pan("1234") == "****");
  CHECK(mask_pan("").empty());
}
