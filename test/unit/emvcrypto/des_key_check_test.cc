#include "emvcrypto/des_key_check.h"

#include <catch2/catch.hpp>

#include "emvcrypto/cipher.h"

using namespace emvcrypto;

namespace {

/// A double-length key of two halves.
Bytes key(std::string_view left, std::string_view right) {
  return concat({from_hex(left), from_hex(right)});
}

constexpr std::string_view kGood = "0123456789ABCDEF";

}  // namespace

TEST_CASE("odd parity is seen on every byte") {
  CHECK(has_odd_parity(from_hex("0123456789ABCDEFFEDCBA9876543210")));
  CHECK_FALSE(has_odd_parity(from_hex("0123456789ABCDEFFEDCBA9876543211")));
  CHECK_FALSE(has_odd_parity(from_hex("0023456789ABCDEFFEDCBA9876543210")));
}

TEST_CASE("weak halves make a weak key, whatever their parity bits") {
  const std::string half = GENERATE(values<std::string>(
      {"0101010101010101", "0000000000000000", "FEFEFEFEFEFEFEFE", "FFFFFFFFFFFFFFFF",
       "E0E0E0E0F1F1F1F1", "1F1F1F1F0E0E0E0E", "01FE01FE01FE01FE", "FEE0FEE0FEF1FEF1"}));
  CHECK(is_weak_des2_key(key(half, kGood)));
  CHECK(is_weak_des2_key(key(kGood, half)));
}

TEST_CASE("every semi-weak key undoes its partner") {
  // The definition: what one of the pair enciphers, the other deciphers by enciphering again.
  for (const auto& [one, other] : {std::pair{"011F011F010E010E", "1F011F010E010E01"},
                                   std::pair{"01E001E001F101F1", "E001E001F101F101"},
                                   std::pair{"01FE01FE01FE01FE", "FE01FE01FE01FE01"},
                                   std::pair{"1FE01FE00EF10EF1", "E01FE01FF10EF10E"},
                                   std::pair{"1FFE1FFE0EFE0EFE", "FE1FFE1FFE0EFE0E"},
                                   std::pair{"E0FEE0FEF1FEF1FE", "FEE0FEE0FEF1FEF1"}}) {
    Bytes block = from_hex("0011223344556677");
    make_des(from_hex(one))->encrypt(block);
    make_des(from_hex(other))->encrypt(block);
    CHECK(to_hex(block) == "0011223344556677");
    CHECK(is_weak_des2_key(key(one, kGood)));
    CHECK(is_weak_des2_key(key(other, kGood)));
  }
}

TEST_CASE("equal halves are single DES; other keys are good") {
  CHECK(is_weak_des2_key(key(kGood, kGood)));
  CHECK(is_weak_des2_key(key(kGood, "0022446688AACCEE")));  // but for parity
  CHECK_FALSE(is_weak_des2_key(from_hex("0123456789ABCDEFFEDCBA9876543210")));
  CHECK_THROWS_AS(is_weak_des2_key(Bytes(8)), std::invalid_argument);
}
