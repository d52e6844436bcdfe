// The terminal against a personalised virtual chip, which shares no code with it beyond primitives.
#include <catch2/catch.hpp>

#include "test/unit/chip/sample_card.h"
#include "test/unit/kpd/tester_card_recipe.h"
#include "test/unit/support/chip_card.h"

using namespace tester_test;
using kpd::tester::Outcome;
using kpd::tester::Verdict;
using kpd_test::ChipCard;

namespace {

/// The groupings of a payment application: the recipe's records, and its keys and PIN in clear.
chiptest::Dgis payment_dgis(const FakeCard& card, const cps::Record& prepared,
                            const nlohmann::json& icc) {
  const auto number = [&icc](const char* name) {
    return emvcrypto::from_hex(icc.at(name).get<std::string>());
  };
  chiptest::Dgis dgis;
  for (const auto& dgi : prepared.applications.at(1).dgis) dgis[dgi.id] = dgi.value;
  const auto& app = card.applications.front();
  dgis[0x8000] = emvcrypto::concat({app.udk, chiptest::kSmiKey, chiptest::kSmcKey});
  dgis[0x9000] = emvcrypto::concat(
      {chiptest::kcv(app.udk), chiptest::kcv(chiptest::kSmiKey), chiptest::kcv(chiptest::kSmcKey)});
  dgis[0x8010] = app.pin_block;
  dgis[0x9010] = {0x03, 0x03};
  dgis[0x9200] = tlv(0x9F10, app.iad);
  dgis[0x8201] = number("qinv");
  dgis[0x8202] = number("dq");
  dgis[0x8203] = number("dp");
  dgis[0x8204] = number("q");
  dgis[0x8205] = number("p");
  return dgis;
}

nlohmann::json icc_numbers() {
  std::ifstream file(std::string(KPD_TEST_VECTORS) + "/test_private_keys.json");
  const auto vectors = nlohmann::json::parse(file).at("vectors");
  for (const auto& vector : vectors)
    if (vector.at("id") == "mrautio-ICC") return vector.at("inputs");
  throw std::runtime_error("no ICC key");
}

/// A chip with a directory and a payment application, both personalised.
struct LoadedChip {
  explicit LoadedChip(const Recipe& recipe, kpd::chip::IadLayout layout)
      : card(make_card(recipe)), prepared(prepared_record(card)), chip(config(layout)) {
    chip.power_on();
    auto& groupings = prepared.applications.at(1).dgis;
    groupings.push_back({0x0B01, {0x01, 0x02, 0x03}});
    groupings.push_back({0x0D01, emvcrypto::from_hex("9F580105")});
    groupings.push_back({0x0E01, emvcrypto::from_hex("9F5202C000")});
    dgis = payment_dgis(card, prepared, icc_numbers());
  }

  void load() {
    chiptest::Dgis directory;
    for (const auto& dgi : prepared.applications.at(0).dgis) directory[dgi.id] = dgi.value;
    REQUIRE(chiptest::personalise(chip, kPseName, directory) == 0x9000);
    REQUIRE(chiptest::personalise(chip, kAid, dgis) == 0x9000);
    chip.power_on();
  }

  static kpd::chip::ChipConfig config(kpd::chip::IadLayout layout) {
    auto config = chiptest::chip_config(layout);
    config.instances.at(1).aid = kAid;
    return config;
  }

  FakeCard card;
  cps::Record prepared;
  kpd::chip::Chip chip;
  chiptest::Dgis dgis;
};

kpd::tester::CardReport tested(LoadedChip& loaded, const std::string& version) {
  ClearIssuerHost host;
  auto request = make_request(host, version);
  request.prepared = &loaded.prepared;
  request.profile.cda_on_second = true;
  ChipCard card(loaded.chip);
  return cps::drive(kpd::tester::test_card(std::move(request)), card, std::chrono::seconds(1));
}

}  // namespace

TEST_CASE("A personalised virtual chip passes everything") {
  Recipe recipe;
  auto layout = kpd::chip::IadLayout::cvr4;
  SECTION("a common session key and ARPC method 2") {}
  SECTION("the UDK itself and ARPC method 1") {
    recipe.version = "visa-cvn10";
    recipe.iad = emvcrypto::from_hex("06010A03A0B800");
  }
  SECTION("a common session key and ARPC method 1") {
    recipe.version = "mchip-20";
    recipe.iad = emvcrypto::from_hex("0114A00003220000DAC00000000000000000");
    layout = kpd::chip::IadLayout::cvr6;
  }
  LoadedChip loaded(recipe, layout);
  loaded.load();
  const auto report = tested(loaded, recipe.version);
  for (const auto& finding : report.findings)
    UNSCOPED_INFO(finding.id + ": " + finding.reason + " (" + finding.where + ")");
  CHECK(report.findings.empty());
  CHECK(report.verdict() == Verdict::pass);
  const auto& app = report.applications.at(0);
  for (const Outcome outcome : {app.sda, app.dda, app.cda, app.plaintext_pin, app.enciphered_pin,
                                app.arqc, app.arpc, app.tc, app.comparison})
    CHECK(outcome == Outcome::passed);
}

TEST_CASE("A virtual chip that was loaded with one thing wrong fails for that reason") {
  LoadedChip loaded({}, kpd::chip::IadLayout::cvr4);
  const auto expect = [&loaded](std::string_view id) {
    loaded.load();
    const auto report = tested(loaded, "visa-cvn18");
    CHECK(report.has(id));
    CHECK(report.verdict() == Verdict::fail);
  };
  SECTION("a signed record") {
    loaded.dgis[0x0101][24] ^= 0x01;
    expect("oda.sda.hash");
  }
  SECTION("the key for cryptograms") {
    loaded.dgis[0x8000][0] ^= 0x10;
    const Bytes key(loaded.dgis[0x8000].begin(), loaded.dgis[0x8000].begin() + 16);
    const Bytes check = chiptest::kcv(key);
    std::copy(check.begin(), check.end(), loaded.dgis[0x9000].begin());
    expect("ac.arqc");
  }
  SECTION("the PIN") {
    loaded.dgis[0x8010] = emvcrypto::from_hex("244321FFFFFFFFFF");
    expect("pin.plain");
  }
  SECTION("unsigned data") {
    auto& fci = loaded.dgis[0x9102];
    fci[fci.size() - 7] ^= 0x01;  // the label's last character
    expect("data.differs");
  }
}
