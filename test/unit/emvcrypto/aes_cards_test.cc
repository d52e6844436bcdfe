#include <catch2/catch.hpp>

#include "emvcrypto/cryptogram_aes.h"
#include "emvcrypto/derivation.h"
#include "test/unit/emvcrypto/vectors.h"

using namespace emvcrypto;

TEST_CASE("AES cards' keys, cryptograms and ARPCs are those of another implementation") {
  for (const auto& entry : test::vectors("aes_cards")) {
    INFO(entry.at("id"));
    const auto& inputs = entry.at("inputs");
    const auto& expected = entry.at("expected");
    const Bytes imk = test::hex(inputs, "IMK");
    const Secret master = derive_udk(*make_aes(imk), UdkOption::c, test::text(inputs, "PAN"),
                                     test::text(inputs, "PSN"), imk.size());
    CHECK(to_hex(master.expose()) == test::text(expected, "MK"));
    const Secret session = derive_session_key_aes(
        master, session_key_input_aes(test::hex(inputs, "ATC"), master.size()));
    CHECK(to_hex(session.expose()) == test::text(expected, "SK_AC"));
    const auto cipher = make_aes(session.expose());
    const Bytes ac = application_cryptogram_aes(*cipher, test::hex(inputs, "data"));
    CHECK(to_hex(ac) == test::text(expected, "AC"));
    CHECK(to_hex(arpc_method_1_aes(*cipher, ac, test::hex(inputs, "ARC"))) ==
          test::text(expected, "ARPC1"));
    CHECK(to_hex(arpc_method_2_aes(*cipher, ac, test::hex(inputs, "CSU"),
                                   test::hex(inputs, "proprietary"))) ==
          test::text(expected, "ARPC2"));
    const Secret script = derive_session_key_aes(master, script_key_input_aes(ac, master.size()));
    CHECK(to_hex(script.expose()) == test::text(expected, "SK_script"));
  }
}

TEST_CASE("AES functions refuse other keys and lengths") {
  const auto aes = make_aes(Bytes(16));
  const auto des = make_des(Bytes(16));
  CHECK_THROWS_AS(session_key_input_aes(Bytes(3), 16), std::invalid_argument);
  CHECK_THROWS_AS(session_key_input_aes(Bytes(2), 20), std::invalid_argument);
  CHECK_THROWS_AS(script_key_input_aes(Bytes(7), 16), std::invalid_argument);
  CHECK_THROWS_AS(derive_session_key_aes(Secret(std::size_t{32}), Bytes(16)),
                  std::invalid_argument);
  CHECK_THROWS_AS(application_cryptogram_aes(*des, Bytes(8)), std::invalid_argument);
  CHECK_THROWS_AS(arpc_method_1_aes(*des, Bytes(8), Bytes(2)), std::invalid_argument);
  CHECK_THROWS_AS(arpc_method_1_aes(*aes, Bytes(7), Bytes(2)), std::invalid_argument);
  CHECK_THROWS_AS(arpc_method_2_aes(*aes, Bytes(8), Bytes(4), Bytes(9)), std::invalid_argument);
  CHECK_THROWS_AS(arpc_method_2_aes(*des, Bytes(8), Bytes(4), {}), std::invalid_argument);
  CHECK_THROWS_AS(udk_input(UdkOption::a, "1234567890123456", "00", 32), std::invalid_argument);
  CHECK_THROWS_AS(udk_input(UdkOption::c, "1234567890123456", "00", 20), std::invalid_argument);
}
