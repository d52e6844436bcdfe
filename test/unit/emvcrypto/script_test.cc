#include "emvcrypto/script.h"

#include <catch2/catch.hpp>

#include "emvcrypto/cryptogram.h"
#include "emvcrypto/derivation.h"
#include "test/unit/emvcrypto/vectors.h"

using namespace emvcrypto;

namespace {

Secret digits(const test::json& inputs, const char* field) {
  return Secret(as_bytes(test::text(inputs, field)));
}

Secret card_key(const test::json& inputs, const char* imk) {
  return derive_udk(*make_des(test::hex(inputs, imk)), UdkOption::a, test::text(inputs, "PAN"),
                    test::text(inputs, "PSN"));
}

ScriptEncipherment encipherment(const std::string& id) {
  if (id.ends_with("length_first")) return ScriptEncipherment::length_first;
  return id.ends_with("padded") ? ScriptEncipherment::padded : ScriptEncipherment::whole_blocks;
}

}  // namespace

TEST_CASE("scripts of each cryptogram version are those that an HSM made") {
  int versions = 0;
  for (const auto& entry : test::vectors("issuer_scripts")) {
    const std::string id = entry.at("id");
    const ScriptRules* rules = find_script_rules(id);
    if (rules == nullptr) continue;
    INFO(id);
    const auto& inputs = entry.at("inputs");
    const auto& expected = entry.at("expected");
    const Bytes atc = test::hex(inputs, "ATC"), arqc = test::hex(inputs, "ARQC");
    const Secret smi = derive_script_key(card_key(inputs, "IMK_SMI"), rules->key, atc, arqc);
    const Secret smc = derive_script_key(card_key(inputs, "IMK_SMC"), rules->key, atc, arqc);
    CHECK(test::kcv(smi.expose(), 2) == test::text(expected, "KCV_SMI"));
    CHECK(test::kcv(smc.expose(), 2) == test::text(expected, "KCV_SMC"));

    const RetailMacKey mac_key = make_retail_mac_key(smi.expose());
    const auto cipher = make_des(smc.expose());
    CHECK(to_hex(script_mac(mac_key, test::hex(inputs, "header"), atc, arqc, {})) ==
          test::text(expected, "MAC"));
    const Secret ac_key = card_key(inputs, "IMK_AC");
    const Secret new_pin = digits(inputs, "new_PIN"), present_pin = digits(inputs, "present_PIN");
    PinChange change{rules, &ac_key, &new_pin, nullptr, atc, arqc};
    CHECK(to_hex(pin_change_command(change, mac_key, *cipher)) ==
          test::text(expected, "PIN_change"));
    change.present_pin = &present_pin;
    if (rules->pin_block == PinChangeBlock::bound_to_key)
      CHECK(to_hex(pin_change_command(change, mac_key, *cipher)) ==
            test::text(expected, "PIN_change_with_present"));
    else
      CHECK_THROWS_AS(pin_change_command(change, mac_key, *cipher), std::invalid_argument);
    ++versions;
  }
  CHECK(versions == 6);
}

TEST_CASE("PIN blocks bound to a key are those that an HSM made") {
  for (const char* id : {"bound-block", "bound-block-present", "bound-block-present-12"}) {
    INFO(id);
    const auto entry = test::vector("issuer_scripts", id);
    const auto& inputs = entry.at("inputs");
    const Secret ac_key = card_key(inputs, "IMK_AC");
    const Secret new_pin = digits(inputs, "new_PIN");
    Secret present_pin;
    if (inputs.contains("present_PIN")) present_pin = digits(inputs, "present_PIN");
    const Secret block =
        pin_change_block(ac_key, new_pin, present_pin.empty() ? nullptr : &present_pin);
    CHECK(to_hex(block.expose()) == test::text(entry.at("expected"), "block"));
  }
}

TEST_CASE("data are enciphered by each rule as an HSM does") {
  for (const char* id :
       {"enciphered-length_first", "enciphered-whole_blocks", "enciphered-padded"}) {
    INFO(id);
    const auto entry = test::vector("issuer_scripts", id);
    const auto& inputs = entry.at("inputs");
    const auto& expected = entry.at("expected");
    const bool counted = inputs.contains("ATC");
    const Secret key = derive_script_key(
        card_key(inputs, "IMK_SMC"), counted ? ScriptKeyRule::counter : ScriptKeyRule::cryptogram,
        counted ? test::hex(inputs, "ATC") : Bytes{}, counted ? Bytes{} : test::hex(inputs, "AC"));
    CHECK(test::kcv(key.expose(), 3) == test::text(expected, "KCV_SMC"));
    CHECK(to_hex(encipher_script_data(*make_des(key.expose()), Secret(test::hex(inputs, "data")),
                                      encipherment(id))) == test::text(expected, "enciphered"));
  }
}

TEST_CASE("data that are no whole blocks are padded by every rule") {
  const auto key = make_des(Bytes(16, 0x11));
  const Secret data(Bytes(5, 0x42));
  const auto size = [&](ScriptEncipherment rule, std::size_t length) {
    return encipher_script_data(*key, Secret(length), rule).size();
  };
  CHECK(size(ScriptEncipherment::whole_blocks, 5) == 8);
  CHECK(size(ScriptEncipherment::whole_blocks, 8) == 8);
  CHECK(size(ScriptEncipherment::padded, 8) == 16);
  CHECK(size(ScriptEncipherment::length_first, 6) == 8);
  CHECK(size(ScriptEncipherment::length_first, 7) == 16);
  CHECK(encipher_script_data(*key, data, ScriptEncipherment::whole_blocks) ==
        encipher_script_data(*key, data, ScriptEncipherment::padded));
}

TEST_CASE("each script rule is of a cryptogram version, and versions without scripts have none") {
  for (const ScriptRules& rules : script_rules())
    CHECK(find_cryptogram_version(rules.version) != nullptr);
  CHECK(find_script_rules("visa-cvn17") == nullptr);
  CHECK(find_script_rules("") == nullptr);
}

TEST_CASE("a MAC is shortened from the right, and parts of wrong lengths are refused") {
  const RetailMacKey key = make_retail_mac_key(from_hex("0123456789ABCDEFFEDCBA9876543210"));
  const Bytes header(5), atc(2), ac(8);
  const Bytes whole = script_mac(key, header, atc, ac, {});
  CHECK(script_mac(key, header, atc, ac, {}, 4) == Bytes(whole.begin(), whole.begin() + 4));
  CHECK_THROWS_AS(script_mac(key, header, atc, ac, {}, 3), std::invalid_argument);
  CHECK_THROWS_AS(script_mac(key, Bytes(4), atc, ac, {}), std::invalid_argument);
  CHECK_THROWS_AS(script_mac(key, header, Bytes(1), ac, {}), std::invalid_argument);
  CHECK_THROWS_AS(script_mac(key, header, atc, Bytes(7), {}), std::invalid_argument);
  const Secret master(std::size_t{16});
  CHECK_THROWS_AS(derive_script_key(master, ScriptKeyRule::counter, Bytes(1), ac),
                  std::invalid_argument);
  CHECK_THROWS_AS(derive_script_key(master, ScriptKeyRule::cryptogram, atc, Bytes(7)),
                  std::invalid_argument);
  CHECK_THROWS_AS(derive_script_key(Secret(std::size_t{8}), ScriptKeyRule::counter, atc, ac),
                  std::invalid_argument);
  const auto des = make_des(Bytes(16));
  CHECK_THROWS_AS(encipher_script_data(*des, Secret(), ScriptEncipherment::padded),
                  std::invalid_argument);
  CHECK_THROWS_AS(encipher_script_data(*make_aes(Bytes(16)), Secret(std::size_t{8}),
                                       ScriptEncipherment::padded),
                  std::invalid_argument);
}

TEST_CASE("a PIN change without its parts is refused") {
  const RetailMacKey smi = make_retail_mac_key(Bytes(16));
  const auto smc = make_des(Bytes(16));
  const Secret key(std::size_t{16}), pin(as_bytes("1234")), none(as_bytes("12A4"));
  const Bytes atc(2), ac(8);
  const ScriptRules* bound = find_script_rules("visa-cvn10");
  for (const PinChange& change : {PinChange{nullptr, &key, &pin, nullptr, atc, ac},
                                  PinChange{bound, &key, nullptr, nullptr, atc, ac},
                                  PinChange{bound, nullptr, &pin, nullptr, atc, ac},
                                  PinChange{bound, &key, &none, nullptr, atc, ac},
                                  PinChange{bound, &key, &pin, &none, atc, ac}})
    CHECK_THROWS_AS(pin_change_command(change, smi, *smc), std::invalid_argument);
  CHECK_NOTHROW(pin_change_command({bound, &key, &pin, &pin, atc, ac}, smi, *smc));
  CHECK_THROWS_AS(pin_change_block(Secret(std::size_t{8}), pin, nullptr), std::invalid_argument);
}
