#include <catch2/catch.hpp>

#include "calc_test_values.h"

using namespace kpd::calc;

TEST_CASE("calc: card keys of all vectors") {
  for (const Json& vector : vectors("emv_master_key_derivation")) {
    INFO(text(vector, "id"));
    const Json& in = vector.at("inputs");
    const Json answer = calculated("udk", {{"option", text(in, "option")},
                                           {"imk", text(in, "IMK")},
                                           {"pan", text(in, "PAN")},
                                           {"psn", text(in, "PSN")}});
    const Json& expected = vector.at("expected");
    CHECK(answer["result"]["y"] == expected.at("Y"));
    CHECK(answer["result"]["udk"]["value"] == expected.at("MK"));
    if (expected.contains("KCV")) CHECK(answer["result"]["udk"]["kcv"] == expected.at("KCV"));
  }
}

TEST_CASE("calc: chip keys of all vectors") {
  for (const Json& vector : vectors("cps_kmc_to_card_keys")) {
    INFO(text(vector, "id"));
    const Json& in = vector.at("inputs");
    const Json answer = calculated("kdc", {{"kmc", text(in, "KMC")},
                                           {"keydata", text(in, "KEYDATA")},
                                           {"rule", text(in, "mode") == "emv" ? "cps" : "split"}});
    CHECK(answer["result"]["enc"]["value"] == vector["expected"]["K_ENC"]);
    CHECK(answer["result"]["mac"]["value"] == vector["expected"]["K_MAC"]);
    CHECK(answer["result"]["dek"]["kcv"] == vector["expected"]["KCV_DEK"]);
  }
}

TEST_CASE("calc: PIN values of all vectors") {
  for (const Json& vector : vectors("pvv")) {
    const Json& in = vector.at("inputs");
    const Json answer = calculated("pvv", {{"pvk", text(in, "PVK")},
                                           {"pvki", text(in, "PVKI")},
                                           {"pin", text(in, "PIN")},
                                           {"pan", text(in, "PAN")}});
    CHECK(answer["result"]["pvv"] == vector["expected"]["PVV"]);
  }
  for (const Json& vector : vectors("ibm3624")) {
    const Json& in = vector.at("inputs");
    Pairs pairs{{"pvk", text(in, "PVK")},
                {"validation", text(in, "validation_data")},
                {"table", text(in, "decimalisation_table")}};
    Pairs with_pin = pairs;
    pairs.emplace_back("offset", text(in, "offset"));
    with_pin.emplace_back("pin", text(vector["expected"], "PIN"));
    CHECK(calculated("ibm3624 pin", pairs)["result"]["pin"]["value"] == vector["expected"]["PIN"]);
    CHECK(calculated("ibm3624 offset", with_pin)["result"]["offset"] == in.at("offset"));
  }
}

TEST_CASE("calc: key blocks of all vectors") {
  for (const char* file : {"tr31", "key_blocks"})
    for (const Json& vector : vectors(file)) {
      INFO(text(vector, "id"));
      const Json answer =
          calculated("tr31 unwrap", {{"kbpk", text(vector["inputs"], "KBPK")},
                                     {"block", text(vector["inputs"], "key_block")}});
      CHECK(answer["result"]["key"]["value"] == vector["expected"]["key"]);
      CHECK(answer["result"]["usage"]["code"] == vector["expected"]["header"]["usage"]);
    }
}

TEST_CASE("calc: keys go into key blocks as in the vectors") {
  for (const Json& vector : vectors("key_blocks")) {
    INFO(text(vector, "id"));
    const Json& in = vector.at("inputs");
    const Json& header = vector["expected"]["header"];
    Pairs pairs{{"kbpk", text(in, "KBPK")},
                {"key", text(vector["expected"], "key")},
                {"version", text(header, "version")},
                {"usage", text(header, "usage")},
                {"algorithm", text(header, "algorithm")},
                {"mode", text(header, "mode")},
                {"exportability", text(header, "export")},
                {"key-version", text(header, "key_version")},
                {"random", text(in, "fill")}};
    if (in.at("shown_size") != 0) pairs.emplace_back("hide-length", "true");
    for (const auto& [id, data] : header.at("blocks").items())
      pairs.emplace_back("optional", id + "=" + data.get<std::string>());
    CHECK(calculated("tr31 wrap", pairs)["result"]["block"] == in.at("key_block"));
  }
}

TEST_CASE("calc: PIN blocks go to every format and back") {
  const std::string pan = "4761739001010010";
  const std::string des = "0123456789ABCDEFFEDCBA9876543210";
  const std::string aes = "00112233445566778899AABBCCDDEEFF";
  for (const char from : std::string("01234"))
    for (const char to : std::string("01234")) {
      INFO(from << " to " << to);
      const auto key_of = [&](char format) { return format == '4' ? aes : des; };
      const Json made = calculated("pinblock encode", {{"format", std::string(1, from)},
                                                       {"pin", "90210"},
                                                       {"pan", pan},
                                                       {"key", key_of(from)}});
      const Json moved = calculated("pinblock translate", {{"from", std::string(1, from)},
                                                           {"to", std::string(1, to)},
                                                           {"block", made["result"]["block"]},
                                                           {"key", key_of(from)},
                                                           {"to-key", key_of(to)},
                                                           {"pan", pan}});
      const Json read = calculated("pinblock decode", {{"format", std::string(1, to)},
                                                       {"block", moved["result"]["block"]},
                                                       {"key", key_of(to)},
                                                       {"pan", pan}});
      CHECK(read["result"]["pin"]["value"] == "90210");
    }
}

TEST_CASE("calc: issuer scripts and PIN changes of every cryptogram version") {
  std::size_t checked = 0;
  for (const Json& vector : vectors("issuer_scripts")) {
    const Json& in = vector.at("inputs");
    const Json& expected = vector.at("expected");
    if (!expected.contains("MAC")) continue;
    INFO(text(vector, "id"));
    ++checked;
    const auto udk = [&](const char* imk) -> std::string {
      return calculated("udk", {{"imk", text(in, imk)},
                                {"pan", text(in, "PAN")},
                                {"psn", text(in, "PSN")}})["result"]["udk"]["value"];
    };
    const Pairs common{
        {"version", text(vector, "id")}, {"atc", text(in, "ATC")}, {"ac", text(in, "ARQC")}};
    Pairs mac = common;
    mac.emplace_back("udk", udk("IMK_SMI"));
    mac.emplace_back("header", text(in, "header").substr(0, 8));
    CHECK(calculated("script-mac", mac)["result"]["mac"] == expected.at("MAC"));
    Pairs change = common;
    change.emplace_back("udk-ac", udk("IMK_AC"));
    change.emplace_back("udk-smi", udk("IMK_SMI"));
    change.emplace_back("udk-smc", udk("IMK_SMC"));
    change.emplace_back("pin", text(in, "new_PIN"));
    CHECK(calculated("pin-change", change)["result"]["command"] == expected.at("PIN_change"));
    if (!expected.contains("PIN_change_with_present")) continue;
    change.emplace_back("present-pin", text(in, "present_PIN"));
    CHECK(calculated("pin-change", change)["result"]["command"] ==
          expected.at("PIN_change_with_present"));
  }
  CHECK(checked >= 6);
}

TEST_CASE("calc: cards with AES keys of every length") {
  for (const Json& vector : vectors("aes_cards")) {
    INFO(text(vector, "id"));
    const Json& in = vector.at("inputs");
    const Json& expected = vector.at("expected");
    const Json udk = calculated("udk", {{"option", "C"},
                                        {"imk", text(in, "IMK")},
                                        {"pan", text(in, "PAN")},
                                        {"psn", text(in, "PSN")}})["result"]["udk"]["value"];
    CHECK(udk == expected.at("MK"));
    const Pairs card{{"udk", udk}, {"atc", text(in, "ATC")}};
    Pairs ac = card;
    ac.emplace_back("data", text(in, "data"));
    const Json answer = calculated("aes-ac", ac)["result"];
    CHECK(answer["session_key"]["value"] == expected.at("SK_AC"));
    CHECK(answer["ac"] == expected.at("AC"));
    Pairs one = card;
    one.emplace_back("arqc", text(expected, "AC"));
    Pairs two = one;
    one.emplace_back("arc", text(in, "ARC"));
    two.emplace_back("csu", text(in, "CSU"));
    two.emplace_back("proprietary", text(in, "proprietary"));
    CHECK(calculated("aes-arpc", one)["result"]["arpc"] == expected.at("ARPC1"));
    CHECK(calculated("aes-arpc", two)["result"]["arpc"] == expected.at("ARPC2"));
  }
}

TEST_CASE("calc: a split key combines to itself") {
  const std::string key = "2B7E151628AED2A6ABF7158809CF4F3C";
  const Json parts = calculated("components split", {{"algorithm", "aes"}, {"key", key}});
  Pairs pairs{{"algorithm", "aes"}};
  for (const Json& part : parts["result"]["components"])
    pairs.emplace_back("component", part["value"]);
  REQUIRE(pairs.size() == 4);
  CHECK(calculated("components combine", pairs)["result"]["key"]["value"] == key);
}
