// What a terminal says of whole cards: good ones, and ones with one thing wrong each.
#include <catch2/catch.hpp>

#include "test/unit/kpd/tester_card_recipe.h"

using namespace tester_test;
using kpd::tester::CardReport;
using kpd::tester::Outcome;
using kpd::tester::Verdict;

namespace {

/// Why a card failed, for the test's output.
std::string reasons(const CardReport& report) {
  std::string text;
  for (const auto& finding : report.findings)
    text += finding.id + ": " + finding.reason + " (" + finding.where + ")\n";
  return text;
}

/// A card of this recipe, under the whole test.
CardReport tested(const Recipe& recipe, FakeCard card) {
  ClearIssuerHost host;
  return test(card, make_request(host, recipe.version));
}

/// That the card fails and every error is of this kind, or below it.
void fails_with(const CardReport& report, std::initializer_list<std::string_view> ids) {
  INFO(reasons(report));
  CHECK(report.verdict() == Verdict::fail);
  for (const auto id : ids) CHECK(report.has(id));
  for (const auto& finding : report.findings) {
    const bool expected = std::any_of(ids.begin(), ids.end(), [&finding](std::string_view id) {
      return finding.id.starts_with(id);
    });
    CHECK(expected);
  }
}

}  // namespace

TEST_CASE("A good card passes every method that it offers") {
  FakeCard card = make_card();
  ClearIssuerHost host;
  auto request = make_request(host);
  const auto prepared = prepared_record(card);
  request.prepared = &prepared;
  const auto report = test(card, std::move(request));
  INFO(reasons(report));
  CHECK(report.findings.empty());
  CHECK(report.verdict() == Verdict::pass);
  REQUIRE(report.applications.size() == 1);
  const auto& app = report.applications.front();
  CHECK(app.label == "TEST");
  CHECK(app.masked_pan == "999999******" + kPan.substr(12));
  CHECK(app.psn == "01");
  CHECK(app.sda == Outcome::passed);
  CHECK(app.dda == Outcome::passed);
  CHECK(app.cda == Outcome::passed);
  CHECK(app.plaintext_pin == Outcome::passed);
  CHECK(app.enciphered_pin == Outcome::passed);
  CHECK(app.arqc == Outcome::passed);
  CHECK(app.arpc == Outcome::passed);
  CHECK(app.tc == Outcome::passed);
  CHECK(app.comparison == Outcome::passed);
  CHECK(card.verifies == 2);
  CHECK(host.asked == 2);
}

TEST_CASE("Good cards of other kinds pass too") {
  Recipe recipe;
  SECTION("static data authentication alone") {
    recipe.aip = {0x5C, 0x00};
  }
  SECTION("no data authentication") {
    recipe.aip = {0x1C, 0x00};
  }
  SECTION("the issuer's answer in CDOL2") {
    recipe.aip = {0x79, 0x00};
    recipe.arpc_in_cdol2 = true;
  }
  SECTION("the UDK itself computes, ARPC method 1") {
    recipe.version = "visa-cvn10";
    recipe.iad = emvcrypto::from_hex("06010A03A0B800");
  }
  SECTION("a session key from the unpredictable number") {
    recipe.version = "mchip-16";
    recipe.iad = emvcrypto::from_hex("0110A00003220000DAC00000000000000000");
  }
  SECTION("no DDOL") {
    recipe.ddol.clear();
  }
  SECTION("no tag list for data authentication") {
    recipe.tag_list.clear();
  }
  SECTION("no PDOL") {
    recipe.pdol.clear();
  }
  const auto report = tested(recipe, make_card(recipe));
  INFO(reasons(report));
  CHECK(report.verdict() == Verdict::pass);
  CHECK(report.findings.empty());
}

TEST_CASE("Format 2 of GET PROCESSING OPTIONS is read as well") {
  FakeCard card = make_card();
  card.applications.front().gpo_format_2 = true;
  CHECK(tested({}, card).verdict() == Verdict::pass);
}

TEST_CASE("CDA is checked in the second GENERATE AC where the profile asks for it") {
  FakeCard card = make_card();
  ClearIssuerHost host;
  auto request = make_request(host);
  request.profile.cda_on_second = true;
  const auto report = test(card, std::move(request));
  INFO(reasons(report));
  CHECK(report.verdict() == Verdict::pass);
}

TEST_CASE("A signed byte that was changed is found by data authentication") {
  FakeCard card = make_card();
  auto& record = card.applications.front().records[{1, 1}];
  record[24] ^= 0x01;  // an amount of the CVM list
  const auto report = tested({}, card);
  CHECK(report.has("oda.sda.hash"));
  CHECK(report.has("oda.icc-cert.cert-hash"));
  CHECK(report.verdict() == Verdict::fail);
}

TEST_CASE("A static signature of another issuer is found") {
  Recipe recipe;
  recipe.ssad_signer = "mrautio-CA";
  fails_with(tested(recipe, make_card(recipe)), {"oda.sda"});
}

TEST_CASE("A certificate of another card is found") {
  Recipe recipe;
  recipe.certificate_pan = "9999990000000027";
  fails_with(tested(recipe, make_card(recipe)), {"oda.icc-cert.cert-subject", "pin.enciphered"});
}

TEST_CASE("Certificates that have expired are found") {
  Recipe recipe;
  SECTION("the card's") {
    recipe.icc_expiry = {0x05, 0x26};
    fails_with(tested(recipe, make_card(recipe)), {"oda.icc-cert.cert-expired", "pin.enciphered"});
  }
  SECTION("the issuer's") {
    recipe.issuer_expiry = {0x05, 0x26};
    fails_with(tested(recipe, make_card(recipe)),
               {"oda.issuer-cert.cert-expired", "pin.enciphered"});
  }
}

TEST_CASE("An issuer certificate for another BIN is found") {
  Recipe recipe;
  recipe.issuer_id = emvcrypto::from_hex("888888FF");
  fails_with(tested(recipe, make_card(recipe)), {"oda.issuer-cert.cert-subject", "pin.enciphered"});
}

TEST_CASE("A CA key that the terminal does not know is said") {
  FakeCard card = make_card();
  ClearIssuerHost host;
  auto request = make_request(host);
  request.ports.ca_key = nullptr;
  fails_with(test(card, std::move(request)), {"oda.ca-key", "pin.enciphered"});
}

TEST_CASE("Authentication data that the AIP promises and the card lacks is found") {
  FakeCard card = make_card();
  card.applications.front().records[{2, 2}] = tlv(0x70, tlv(0x9F32, "03"));
  const auto report = tested({}, card);
  CHECK(report.has("oda.issuer-cert.cert-length"));
  FakeCard without_issuer = make_card();
  without_issuer.applications.front().records[{2, 1}] = tlv(0x70, tlv(0x8F, "92"));
  CHECK(tested({}, without_issuer).has("oda.missing"));
}

TEST_CASE("A private key that does not fit its certificate is found") {
  FakeCard card = make_card();
  card.applications.front().spoil_signature = true;
  const auto report = tested({}, card);
  CHECK(report.has("oda.dda"));
  CHECK(report.has("oda.cda"));
  CHECK(report.applications.front().dda == Outcome::failed);
  CHECK(report.applications.front().cda == Outcome::failed);
}

TEST_CASE("A card that signs other transaction data fails CDA alone") {
  FakeCard card = make_card();
  card.applications.front().spoil_transaction_hash = true;
  const auto report = tested({}, card);
  fails_with(report, {"oda.cda"});
  CHECK(report.applications.front().dda == Outcome::passed);
}

TEST_CASE("A DDOL without an unpredictable number is found") {
  Recipe recipe;
  recipe.ddol = emvcrypto::from_hex("9A03");
  fails_with(tested(recipe, make_card(recipe)), {"oda.dda.ddol"});
}

TEST_CASE("A wrong key for cryptograms is found") {
  FakeCard card = make_card();
  card.applications.front().udk[3] ^= 0x10;
  const auto report = tested({}, card);
  fails_with(report, {"ac.arqc"});
  CHECK(report.applications.front().arqc == Outcome::failed);
}

TEST_CASE("A refused answer of the issuer is found") {
  Recipe recipe;
  SECTION("in EXTERNAL AUTHENTICATE") {}
  SECTION("in CDOL2") {
    recipe.aip = {0x79, 0x00};
    recipe.arpc_in_cdol2 = true;
  }
  FakeCard card = make_card(recipe);
  ClearIssuerHost host;
  host.spoil_arpc = true;
  const auto report = test(card, make_request(host));
  CHECK(report.has("ac.arpc"));
  CHECK(report.applications.front().arpc == Outcome::failed);
}

TEST_CASE("What a card decides is judged") {
  FakeCard card = make_card();
  auto& app = card.applications.front();
  SECTION("it declines") {
    app.decline = true;
    CHECK(tested({}, card).has("ac.declined"));
  }
  SECTION("it gives more than was asked for") {
    app.loosen = true;
    CHECK(tested({}, card).has("ac.loosened"));
  }
  SECTION("it declines after the issuer's approval") {
    app.decline_second = true;
    const auto report = tested({}, card);
    fails_with(report, {"ac.second"});
    CHECK(report.applications.front().tc == Outcome::failed);
  }
}

TEST_CASE("A card without an issuer's host is read to its ARQC") {
  FakeCard card = make_card();
  ClearIssuerHost host;
  auto request = make_request(host);
  request.ports.issuer_host = nullptr;
  const auto report = test(card, std::move(request));
  CHECK(report.verdict() == Verdict::pass);
  CHECK(report.applications.front().cda == Outcome::passed);
  CHECK(report.applications.front().arqc == Outcome::not_run);
}

TEST_CASE("A report in JSON tells verdict, methods and remedies, and no full PAN") {
  Recipe recipe;
  recipe.certificate_pan = "9999990000000027";
  FakeCard card = make_card(recipe);
  const auto prepared = prepared_record(make_card());
  ClearIssuerHost host;
  auto request = make_request(host);
  request.prepared = &prepared;
  const auto json = kpd::tester::to_json(test(card, std::move(request)));
  CHECK(json.at("verdict") == "fail");
  CHECK(json.at("applications").at(0).at("methods").at("sda") == "passed");
  CHECK(json.at("applications").at(0).at("methods").at("dda") == "failed");
  CHECK_FALSE(json.at("findings").at(0).at("remedy").get<std::string>().empty());
  const std::string text = json.dump();
  CHECK(text.find(kPan) == std::string::npos);
  CHECK(text.find("9999990000000027") == std::string::npos);
  CHECK(text.find("241234") == std::string::npos);
}
