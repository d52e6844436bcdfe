#include "emvcrypto/cryptogram.h"

#include <catch2/catch.hpp>
#include <set>

#include "emvcrypto/derivation.h"
#include "test/unit/emvcrypto/vectors.h"

using namespace emvcrypto;

namespace {

const CryptogramVersion& version(std::string_view name) {
  const auto* found = find_cryptogram_version(name);
  REQUIRE(found);
  return *found;
}

}  // namespace

TEST_CASE("session keys, ARQC and ARPC are those that an HSM gave") {
  const auto inputs_of = [](const char* id) {
    return test::vector("emv_session_keys_ac_arpc_cvc3", id);
  };
  const auto common = inputs_of("pyemv-common-sk");
  const Secret session = derive_session_key(Secret(test::hex(common.at("inputs"), "MK")),
                                            script_key_input(test::hex(common.at("inputs"), "R")));
  CHECK(to_hex(session.expose()) == test::text(common.at("expected"), "SK"));

  const auto ac = inputs_of("pyemv-arqc-emvpad");
  const auto key = make_retail_mac_key(test::hex(ac.at("inputs"), "SK"));
  CHECK(to_hex(application_cryptogram(key, test::hex(ac.at("inputs"), "data"),
                                      MacPadding::method_2)) ==
        test::text(ac.at("expected"), "ARQC"));

  const auto arpc = inputs_of("pyemv-arpc1");
  const auto cipher = make_des(test::hex(arpc.at("inputs"), "SK"));
  CHECK(to_hex(arpc_method_1(*cipher, test::hex(arpc.at("inputs"), "ARQC"),
                             test::hex(arpc.at("inputs"), "ARC"))) ==
        test::text(arpc.at("expected"), "ARPC"));

  const auto cvn10 = inputs_of("pyemv-visa-cvn10");
  const auto mk = make_retail_mac_key(test::hex(cvn10.at("inputs"), "MK"));
  CHECK(to_hex(
            application_cryptogram(mk, test::hex(cvn10.at("inputs"), "data"), MacPadding::zeros)) ==
        test::text(cvn10.at("expected"), "ARQC"));
}

TEST_CASE("each version makes the cryptograms that an HSM made") {
  for (const auto& entry : test::vectors("cryptogram_versions")) {
    const std::string id = entry.at("id");
    INFO(id);
    const CryptogramVersion& row = version(id);
    const auto& inputs = entry.at("inputs");
    const auto& expected = entry.at("expected");
    const auto field = [&](const char* name) { return test::hex(inputs, name); };
    CHECK(field("IAD").at(row.number_at) == row.number);

    const auto imk = make_des(field("IMK_AC"));
    const Secret master =
        derive_udk(*imk, UdkOption::a, test::text(inputs, "PAN"), test::text(inputs, "PSN"));
    const auto key_by = [&](SessionKeyRule rule) {
      return derive_session_key(master, session_key_input(rule, field("ATC"), field("UN")));
    };
    const Secret ac_key = key_by(row.session_key);
    CHECK(test::kcv(ac_key.expose(), 2) == test::text(expected, "KCV_AC"));

    const Bytes data =
        cryptogram_input(row, field("terminal_data"), field("AIP"), field("ATC"), field("IAD"));
    const Bytes arqc =
        application_cryptogram(make_retail_mac_key(ac_key.expose()), data, row.padding);
    CHECK(to_hex(arqc) == test::text(expected, "ARQC"));

    const auto arpc_key = make_retail_mac_key(key_by(row.arpc_key).expose());
    const Bytes arpc = row.arpc == ArpcMethod::one
                           ? arpc_method_1(*arpc_key.whole, arqc, field("ARC"))
                           : arpc_method_2(arpc_key, arqc, field("CSU"), {});
    CHECK(to_hex(arpc) == test::text(expected, "ARPC"));
  }
}

TEST_CASE("versions are found by their names alone") {
  std::set<std::string_view> names;
  for (const CryptogramVersion& row : cryptogram_versions()) {
    CHECK(names.insert(row.name).second);
    CHECK(find_cryptogram_version(row.name) == &row);
    CHECK(terminal_data_size(row) > 0);
  }
  CHECK(find_cryptogram_version("") == nullptr);
  CHECK(find_cryptogram_version("visa-cvn11") == nullptr);
}

TEST_CASE("the input is terminal data, AIP, ATC and the version's part of 9F10") {
  const Bytes aip{0xA1, 0xA2};
  const Bytes atc{0xB1, 0xB2};
  const Bytes visa = from_hex("0601120311223344");
  const auto tail = [&](std::string_view name, const Bytes& iad) {
    const CryptogramVersion& row = version(name);
    const Bytes terminal(terminal_data_size(row));
    return to_hex(
        ByteView(cryptogram_input(row, terminal, aip, atc, iad)).subspan(terminal.size()));
  };
  CHECK(tail("visa-cvn10", visa) == "A1A2B1B203112233");
  CHECK(tail("visa-cvn17", visa) == "B1B211");
  CHECK(tail("visa-cvn18", visa) == "A1A2B1B20601120311223344");
  const Bytes mchip = from_hex("0111C1C2C3C4C5C6DADBE1E2E3E4E5E6E7E8");
  CHECK(tail("mchip-16", mchip) == "A1A2B1B2C1C2C3C4C5C6");
  CHECK(tail("mchip-17", mchip) == "A1A2B1B2C1C2C3C4C5C6E1E2E3E4E5E6E7E8");
}

TEST_CASE("an input from parts of wrong lengths is refused") {
  const CryptogramVersion& row = version("visa-cvn10");
  const Bytes terminal(terminal_data_size(row));
  CHECK(terminal.size() == 29);
  const Bytes two(2);
  CHECK_NOTHROW(cryptogram_input(row, terminal, two, two, Bytes(7)));
  CHECK_THROWS_AS(cryptogram_input(row, Bytes(28), two, two, Bytes(7)), std::invalid_argument);
  CHECK_THROWS_AS(cryptogram_input(row, terminal, Bytes(1), two, Bytes(7)), std::invalid_argument);
  CHECK_THROWS_AS(cryptogram_input(row, terminal, two, Bytes(3), Bytes(7)), std::invalid_argument);
  CHECK_THROWS_AS(cryptogram_input(row, terminal, two, two, Bytes(6)), std::invalid_argument);
  CHECK_THROWS_AS(cryptogram_input(row, terminal, two, two, Bytes(2)), std::invalid_argument);
}

TEST_CASE("session keys come from counter and unpredictable number as their rule says") {
  const Bytes atc{0x12, 0x34};
  const Bytes un{0xA1, 0xA2, 0xA3, 0xA4};
  CHECK(session_key_input(SessionKeyRule::none, atc, un).empty());
  CHECK(to_hex(session_key_input(SessionKeyRule::common, atc, {})) ==
        "1234F0000000000012340F0000000000");
  CHECK(to_hex(session_key_input(SessionKeyRule::unpredictable, atc, un)) ==
        "1234F000A1A2A3A412340F00A1A2A3A4");
  CHECK(to_hex(script_key_input(from_hex("0102030405060708"))) ==
        "0102F0040506070801020F0405060708");
  CHECK_THROWS_AS(session_key_input(SessionKeyRule::common, Bytes(3), {}), std::invalid_argument);
  CHECK_THROWS_AS(session_key_input(SessionKeyRule::unpredictable, atc, {}), std::invalid_argument);
  CHECK_THROWS_AS(script_key_input(Bytes(7)), std::invalid_argument);
  CHECK_THROWS_AS(derive_session_key(Secret(std::size_t{8}), Bytes(16)), std::invalid_argument);
  CHECK_THROWS_AS(derive_session_key(Secret(std::size_t{16}), Bytes(8)), std::invalid_argument);
}

TEST_CASE("issuer responses of wrong lengths are refused") {
  const auto key = make_retail_mac_key(Bytes(16));
  CHECK_THROWS_AS(arpc_method_1(*key.whole, Bytes(7), Bytes(2)), std::invalid_argument);
  CHECK_THROWS_AS(arpc_method_1(*key.whole, Bytes(8), Bytes(1)), std::invalid_argument);
  CHECK_THROWS_AS(arpc_method_2(key, Bytes(8), Bytes(3), {}), std::invalid_argument);
  CHECK_THROWS_AS(arpc_method_2(key, Bytes(8), Bytes(4), Bytes(9)), std::invalid_argument);
  CHECK(arpc_method_2(key, Bytes(8), Bytes(4), Bytes(8)).size() == 4);
}
