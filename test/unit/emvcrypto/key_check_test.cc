#include "emvcrypto/key_check.h"

#include <catch2/catch.hpp>

#include "emvcrypto/key_variant.h"
#include "test/unit/emvcrypto/vectors.h"

using namespace emvcrypto;

namespace {

std::string des(const char* key) {
  const auto checked = check_des_key(Secret(from_hex(key)));
  return checked ? "" : checked.error().code;
}

std::string aes(const char* key) {
  const auto checked = check_aes_key(Secret(from_hex(key)));
  return checked ? "" : checked.error().code;
}

}  // namespace

TEST_CASE("weak and shortened DES keys are found, good ones pass") {
  CHECK(des("0123456789ABCDEF").empty());
  CHECK(des("0123456789ABCDEFFEDCBA9876543210").empty());
  CHECK(des("0123456789ABCDEFFEDCBA987654321089ABCDEF01234567").empty());
  CHECK(des("0101010101010101") == "key-weak");
  CHECK(des("0000000000000000") == "key-weak");
  CHECK(des("0123456789ABCDEF1FE01FE00EF10EF1") == "key-weak");
  CHECK(des("0123456789ABCDEFFEDCBA98765432101EFE1EFE0FFE0FFE") == "key-weak");
  CHECK(des("0123456789ABCDEF0123456789ABCDEF") == "key-parts");
  CHECK(des("0123456789ABCDEF0022446688AACCEE") == "key-parts");
  CHECK(des("0123456789ABCDEF0123456789ABCDEFFEDCBA9876543210") == "key-parts");
  CHECK(des("FEDCBA98765432100123456789ABCDEF0123456789ABCDEF") == "key-parts");
  CHECK(des("0123456789ABCDEFFEDCBA98765432100123456789ABCDEF") == "key-parts");
  CHECK(des("") == "key-length");
  CHECK(des("0123456789ABCDEF01") == "key-length");
}

TEST_CASE("AES keys of one byte or of equal halves are found, good ones pass") {
  CHECK(aes("000102030405060708090A0B0C0D0E0F").empty());
  CHECK(aes("000102030405060708090A0B0C0D0E0F1011121314151617").empty());
  CHECK(aes("000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F").empty());
  CHECK(aes("00000000000000000000000000000000") == "key-weak");
  CHECK(aes("000102030405060708090A0B0C0D0E0F000102030405060708090A0B0C0D0E0F") == "key-parts");
  CHECK(aes("00010203040506070001020304050607") == "key-parts");
  CHECK(aes("0001020304050607") == "key-length");
}

TEST_CASE("variants of keys are those that HSMs make") {
  for (const char* id : {"atalla-variant-1", "atalla-variant-31"}) {
    const auto entry = test::vector("mac_kcv_variants", id);
    const auto& inputs = entry.at("inputs");
    const Secret variant =
        key_variant(Secret(test::hex(inputs, "key")), inputs.at("variant").get<unsigned>());
    CHECK(to_hex(variant.expose()) == test::text(entry.at("expected"), "key"));
  }
  CHECK_THROWS_AS(key_variant(Secret(std::size_t{16}), 32), std::invalid_argument);
  CHECK_THROWS_AS(key_variant(Secret(std::size_t{15}), 1), std::invalid_argument);
  CHECK_THROWS_AS(key_variant(Secret(), 1), std::invalid_argument);
}
