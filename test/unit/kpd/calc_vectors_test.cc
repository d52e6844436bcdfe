#include <catch2/catch.hpp>
#include <fstream>

#include "calc_test_values.h"

using namespace kpd::calc;

namespace {

using Json = nlohmann::json;
using Pairs = std::vector<std::pair<std::string, std::string>>;

/// The vectors of a file.
Json vectors(const std::string& file) {
  std::ifstream in(std::string(KPD_TEST_VECTORS) + "/" + file + ".json");
  return Json::parse(in).at("vectors");
}

std::string text(const Json& object, const char* name) {
  const Json& value = object.at(name);
  return value.is_number() ? std::to_string(value.get<int>()) : value.get<std::string>();
}

}  // namespace

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
  for (const Json& vector : vectors("tr31")) {
    INFO(text(vector, "id"));
    const Json answer = calculated("tr31 unwrap", {{"kbpk", text(vector["inputs"], "KBPK")},
                                                   {"block", text(vector["inputs"], "key_block")}});
    CHECK(answer["result"]["key"]["value"] == vector["expected"]["key"]);
    CHECK(answer["result"]["usage"]["code"] == vector["expected"]["header"]["usage"]);
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

TEST_CASE("calc: sessions of protocol 03 of all vectors, answers opened") {
  for (const Json& vector : vectors("scp03")) {
    const Json& in = vector.at("inputs");
    if (!in.contains("initialize_update_response")) continue;
    INFO(text(vector, "id"));
    const Json& expected = vector.at("expected");
    Pairs pairs{{"enc", text(in, "K_ENC")},
                {"mac", text(in, "K_MAC")},
                {"host-challenge", text(in, "initialize_update").substr(10, 16)},
                {"answer", text(in, "initialize_update_response")},
                {"level", text(expected, "external_authenticate").substr(4, 2)}};
    for (const Json& command : expected.at("wrapped_commands"))
      pairs.emplace_back("command", text(command, "plain"));
    const Json result = calculated("scp03 session", pairs)["result"];
    CHECK(result["s_enc"]["value"] == expected.at("S_ENC"));
    CHECK(result["external_authenticate"] == expected.at("external_authenticate"));
    for (std::size_t i = 0; i < expected.at("wrapped_commands").size(); ++i)
      CHECK(result["commands"][i]["wrapped"] == expected["wrapped_commands"][i]["wrapped"]);
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
