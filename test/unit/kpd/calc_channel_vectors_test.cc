#include <catch2/catch.hpp>

#include "calc_test_values.h"

using namespace kpd::calc;

namespace {

/// A session with every exchange of a vector against what it must give.
void check_session(const std::string& function, const Json& vector, Pairs pairs) {
  INFO(text(vector, "id"));
  const Json& in = vector.at("inputs");
  const Json& expected = vector.at("expected");
  pairs.emplace_back("enc", text(in, "K_ENC"));
  pairs.emplace_back("mac", text(in, "K_MAC"));
  pairs.emplace_back("dek", text(in, "K_DEK"));
  pairs.emplace_back("host-challenge", text(in, "host_challenge"));
  pairs.emplace_back("answer", text(in, "initialize_update_response"));
  pairs.emplace_back("level", text(in, "level"));
  const Json& exchanges = expected.at("exchanges");
  for (const Json& exchange : exchanges) {
    const std::string data = text(exchange, "data");
    const auto size = static_cast<std::uint8_t>(data.size() / 2);
    pairs.emplace_back("command", text(exchange, "header") +
                                      (data.empty() ? "" : emvcrypto::to_hex(Bytes{size})) + data);
    if (function == "scp03 session")
      pairs.emplace_back("response", text(exchange, "protected_answer") + text(exchange, "status"));
  }
  if (expected.contains("secret")) pairs.emplace_back("secret", text(expected, "secret"));
  const Json result = calculated(function, pairs)["result"];
  if (expected.contains("secret"))
    CHECK(result["secrets"][0]["enciphered"] == expected.at("secret_for_card"));
  CHECK(result["s_enc"]["value"] == expected.at("S_ENC"));
  CHECK(result["s_mac"]["value"] == expected.at("S_MAC"));
  CHECK(result["s_rmac"]["value"] == expected.at("S_RMAC"));
  CHECK(result["external_authenticate"] == expected.at("external_authenticate"));
  for (std::size_t i = 0; i < exchanges.size(); ++i) {
    CHECK(result["commands"][i]["wrapped"] == exchanges[i]["wrapped"]);
    if (function == "scp03 session")
      CHECK(result["commands"][i]["response"] ==
            text(exchanges[i], "answer") + text(exchanges[i], "status"));
  }
}

}  // namespace

TEST_CASE("calc: sessions of protocol 02 of every option") {
  for (const Json& vector : vectors("scp02_options"))
    check_session("scp02 session", vector, {{"option", text(vector["inputs"], "option")}});
}

TEST_CASE("calc: sessions of protocol 03 of every option, answers opened") {
  for (const Json& vector : vectors("scp03_responses")) check_session("scp03 session", vector, {});
}

TEST_CASE("calc: sessions of protocol 03 of other implementations") {
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
