#include <catch2/catch.hpp>

#include "emvcrypto/scp02.h"
#include "test/unit/emvcrypto/vectors.h"

using namespace emvcrypto;

TEST_CASE("SCP02 with options 05, 15 and 55 is spoken as another implementation does") {
  for (const auto& entry : test::vectors("scp02_options")) {
    INFO(entry.at("id"));
    const auto& inputs = entry.at("inputs");
    const auto& expected = entry.at("expected");
    auto answer = parse_initialize_update(test::hex(inputs, "initialize_update_response"));
    REQUIRE(answer);
    const auto key = [&](const char* card_key, Scp02Key which) {
      return derive_scp02_key(Secret(test::hex(inputs, card_key)), which, answer->sequence);
    };
    const Secret enc = key("K_ENC", Scp02Key::enc), mac = key("K_MAC", Scp02Key::mac);
    CHECK(to_hex(enc.expose()) == test::text(expected, "S_ENC"));
    CHECK(to_hex(mac.expose()) == test::text(expected, "S_MAC"));
    CHECK(to_hex(key("K_DEK", Scp02Key::dek).expose()) == test::text(expected, "S_DEK"));
    CHECK(to_hex(key("K_MAC", Scp02Key::rmac).expose()) == test::text(expected, "S_RMAC"));
    const std::string option = test::text(inputs, "option");
    const bool derived = scp02_card_challenge(make_retail_mac_key(mac.expose()),
                                              test::hex(inputs, "AID")) == answer->challenge;
    CHECK(derived == (option == "55"));

    Scp02Session host({make_des(enc.expose()), make_retail_mac_key(mac.expose()),
                       make_des(key("K_DEK", Scp02Key::dek).expose())},
                      *answer, test::hex(inputs, "host_challenge"), option != "05");
    CHECK(host.card_is_genuine());
    const std::uint8_t level = test::hex(inputs, "level")[0];
    CHECK(to_hex(host.external_authenticate(level)) ==
          test::text(expected, "external_authenticate"));
    for (const auto& exchange : expected.at("exchanges")) {
      const Bytes data = test::hex(exchange, "data");
      CHECK(data.size() <= host.room());
      CHECK(to_hex(host.wrap(test::hex(exchange, "header"), data)) ==
            test::text(exchange, "wrapped"));
    }
  }
}

TEST_CASE("every recorded SCP02 session key, and R-MAC's, is derived") {
  for (const auto& entry : test::vectors("scp02")) {
    INFO(entry.at("id"));
    const auto& inputs = entry.at("inputs");
    const auto& expected = entry.at("expected");
    const auto check = [&](const char* from, Scp02Key which, const char* name) {
      if (!expected.contains(name)) return;
      const Bytes sequence = inputs.contains("sequence_counter")
                                 ? test::hex(inputs, "sequence_counter")
                                 : test::hex(entry.at("parsed"), "sequence_counter");
      const char* source = inputs.contains(from)           ? from
                           : inputs.contains("static_key") ? "static_key"
                                                           : "static_DEK";
      const Secret key = derive_scp02_key(Secret(test::hex(inputs, source)), which, sequence);
      CHECK(to_hex(key.expose()) == test::text(expected, name));
      const std::string kcv = "KCV_" + std::string(name).substr(2);
      if (expected.contains(kcv)) CHECK(test::kcv(key.expose(), 3) == test::text(expected, kcv));
    };
    check("K_ENC", Scp02Key::enc, "S_ENC");
    check("K_MAC", Scp02Key::mac, "S_MAC");
    check("K_DEK", Scp02Key::dek, "S_DEK");
    check("K_MAC", Scp02Key::rmac, "S_RMAC");
  }
  CHECK_THROWS_AS(derive_scp02_key(Secret(std::size_t{24}), Scp02Key::enc, Bytes(2)),
                  std::invalid_argument);
}

TEST_CASE("answers under SCP02 are as the card sent them") {
  Scp02Session host({}, {}, Bytes(8), true);
  CHECK(host.unwrap(Bytes{1, 2}, 0x9000).value() == Bytes{1, 2});
  CHECK(host.block_size() == 8);
}
