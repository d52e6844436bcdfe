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
  CHECK(std::to_string(to_number(code)) == test::text(expected, "CVC3_dec"));
}

TEST_CASE("a CVC3 over other lengths is refused") {
  const auto cipher = make_des(Bytes(16));
  CHECK_THROWS_AS(cvc3(*cipher, Bytes(3), Bytes(4), Bytes(2)), std::invalid_argument);
  CHECK_THROWS_AS(cvc3(*cipher, Bytes(2), Bytes(3), Bytes(2)), std::invalid_argument);
  CHECK_THROWS_AS(cvc3(*cipher, Bytes(2), Bytes(4), Bytes(1)), std::invalid_argument);
}
