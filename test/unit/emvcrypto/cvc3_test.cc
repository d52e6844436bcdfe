#include "emvcrypto/cvc3.h"

#include <catch2/catch.hpp>

#include "emvcrypto/derivation.h"
#include "test/unit/emvcrypto/vectors.h"

using namespace emvcrypto;

TEST_CASE("CVC3 and its initial value are those of other systems") {
  const auto entry = test::vector("emv_session_keys_ac_arpc_cvc3", "pyemv-cvc3-track2");
  const auto& inputs = entry.at("inputs");
  const auto& expected = entry.at("expected");
  const auto imk = make_des(test::hex(inputs, "IMK_CVC3"));
  const Secret key =
      derive_udk(*imk, UdkOption::a, test::text(inputs, "PAN"), test::text(inputs, "PSN"));
  CHECK(to_hex(key.expose()) == test::text(expected, "MK_CVC3"));

  const Bytes initial =
      ivcvc3(make_retail_mac_key(key.expose()), test::hex(inputs, "static_track"));
  CHECK(to_hex(initial) == test::text(expected, "IVCVC3"));
  const auto cipher = make_des(key.expose());
  const Bytes code = cvc3(*cipher, initial, test::hex(inputs, "UN"), test::hex(inputs, "ATC"));
  CHECK(cvc3_digits(code, 5) == test::text(expected, "CVC3_dec"));
  CHECK(cvc3_digits(code, 3) == test::text(expected, "CVC3_last3"));
}

TEST_CASE("a CVC3 over other lengths is refused") {
  const auto cipher = make_des(Bytes(16));
  CHECK_THROWS_AS(cvc3(*cipher, Bytes(3), Bytes(4), Bytes(2)), std::invalid_argument);
  CHECK_THROWS_AS(cvc3(*cipher, Bytes(2), Bytes(3), Bytes(2)), std::invalid_argument);
  CHECK_THROWS_AS(cvc3(*cipher, Bytes(2), Bytes(4), Bytes(1)), std::invalid_argument);
}

TEST_CASE("a static CVC3 is that of no counter and no unpredictable number") {
  const auto cipher = make_des(from_hex("6D6425FB9401C21AA1F80451AB85DA3B"));
  const Bytes initial = from_hex("11BA");
  CHECK(static_cvc3(*cipher, initial) == cvc3(*cipher, initial, Bytes(4), Bytes(2)));
  CHECK_THROWS_AS(static_cvc3(*cipher, Bytes(3)), std::invalid_argument);
}

TEST_CASE("readers show the last digits, with leading zeros") {
  CHECK(cvc3_digits(from_hex("0007"), 5) == "00007");
  CHECK(cvc3_digits(from_hex("0007"), 1) == "7");
  CHECK(cvc3_digits(from_hex("FFFF"), 4) == "5535");
  CHECK_THROWS_AS(cvc3_digits(Bytes(2), 0), std::invalid_argument);
  CHECK_THROWS_AS(cvc3_digits(Bytes(2), 6), std::invalid_argument);
  CHECK_THROWS_AS(cvc3_digits(Bytes(3), 3), std::invalid_argument);
}
