// Selection, reading, PIN and bad cards: what the terminal does when a card is not what it should
// be.
#include <catch2/catch.hpp>

#include "kpd/tester/findings_dictionary.h"
#include "test/unit/kpd/tester_card_recipe.h"

using namespace tester_test;
using kpd::tester::CardReport;
using kpd::tester::Outcome;
using kpd::tester::Verdict;

namespace {

CardReport tested(FakeCard card) {
  ClearIssuerHost host;
  return test(card, make_request(host));
}

CardReport compared(FakeCard card, const cps::Record& prepared) {
  ClearIssuerHost host;
  auto request = make_request(host);
  request.prepared = &prepared;
  return test(card, std::move(request));
}

const kpd::tester::Finding* find(const CardReport& report, std::string_view id) {
  for (const auto& finding : report.findings)
    if (finding.id == id) return &finding;
  return nullptr;
}

}  // namespace

TEST_CASE("Applications come from the directory when none is named") {
  FakeCard card = make_card();
  ClearIssuerHost host;
  auto request = make_request(host);
  request.applications.clear();
  const auto report = test(card, std::move(request));
  REQUIRE(report.applications.size() == 1);
  CHECK(report.applications.front().aid == kAid);
  CHECK(report.applications.front().sda == Outcome::passed);
  CHECK(report.has("ac.host"));
  CHECK(report.verdict() == Verdict::pass);
}

TEST_CASE("A card without a directory passes unless one was prepared or wanted") {
  FakeCard card = make_card();
  const auto prepared = prepared_record(card);
  card.directories.clear();
  CHECK(tested(card).verdict() == Verdict::pass);
  CHECK(tested(card).has("select.no-pse"));
  CHECK(compared(card, prepared).has("select.pse"));
}

TEST_CASE("A directory that does not fit the applications is found") {
  FakeCard card = make_card();
  SECTION("it lists what is not there") {
    card.pse_records[{1, 2}] = tlv(0x70, tlv(0x61, tlv(0x4F, "A0000009990202")));
    CHECK(tested(card).has("select.pse-entry"));
    CHECK(tested(card).verdict() == Verdict::fail);
  }
  SECTION("it lists another application") {
    card.pse_records[{1, 1}] = tlv(0x70, tlv(0x61, tlv(0x4F, "A0000009990202")));
    CHECK(tested(card).has("select.pse-entry"));
  }
  SECTION("it lists nothing") {
    card.pse_records.clear();
    CHECK(tested(card).has("select.pse"));
  }
  SECTION("a record is no directory record") {
    card.pse_records[{1, 1}] = {0x70, 0x7F, 0x61};
    CHECK(tested(card).has("select.pse"));
  }
}

TEST_CASE("An application that is not there is found") {
  FakeCard card = make_card();
  card.applications.front().aid.back() ^= 1;
  const auto report = tested(card);
  CHECK(report.has("select.aid"));
  CHECK(report.verdict() == Verdict::fail);
}

TEST_CASE("An FCI that is none is found") {
  FakeCard card = make_card();
  card.applications.front().fci = emvcrypto::from_hex("6F8205");
  CHECK(tested(card).has("select.fci"));
  card.applications.front().fci = tlv(0x6F, tlv(0x84, "A0000009990102"));
  CHECK(tested(card).has("select.fci"));
}

TEST_CASE("A record that is missing, cut or doubled is found") {
  FakeCard card = make_card();
  auto& records = card.applications.front().records;
  SECTION("missing") {
    records.erase({3, 2});
    const auto report = tested(card);
    CHECK(report.has("record"));
    CHECK(report.has("data.mandatory"));
  }
  SECTION("cut") {
    records[{3, 2}].pop_back();
    CHECK(tested(card).has("record.template"));
  }
  SECTION("lengths that lie inside the template") {
    records[{3, 2}] = tlv(0x70, "8C7F00");
    CHECK(tested(card).has("tlv"));
  }
  SECTION("a tag twice") {
    emvcrypto::append(records[{3, 2}], tlv(0x5F34, "01"));
    records[{3, 2}][1] = static_cast<std::uint8_t>(records[{3, 2}][1] + 4);
    CHECK(tested(card).has("data.duplicate"));
  }
}

TEST_CASE("An AFL that contradicts itself is found") {
  FakeCard card = make_card();
  card.applications.front().afl = emvcrypto::from_hex("08020101");
  CHECK(tested(card).has("gpo.format"));
}

TEST_CASE("Track 2 of another card is found") {
  FakeCard card = make_card();
  auto& record = card.applications.front().records[{3, 2}];
  record[record.size() - 12] ^= 0x01;
  CHECK(tested(card).has("data.track2"));
}

TEST_CASE("What differs from the prepared data is found by DGI and tag, PANs unseen") {
  FakeCard card = make_card();
  auto prepared = prepared_record(card);
  auto& dgis = prepared.applications.at(1).dgis;
  SECTION("a record's byte") {
    auto& value = dgis.front().value;  // 0101
    value[value.size() - 5] ^= 0x01;   // the CVM list's end
    const auto report = compared(card, prepared);
    const auto* finding = find(report, "data.differs");
    REQUIRE(finding != nullptr);
    CHECK(finding->where == "A0000009990101 DGI 0101 tag 8E");
    CHECK(report.applications.front().comparison == Outcome::failed);
    CHECK(report.applications.front().sda == Outcome::passed);
  }
  SECTION("the PAN") {
    auto& value = dgis.front().value;
    value[2 + 2 + 4] ^= 0x01;
    const auto report = compared(card, prepared);
    const auto* finding = find(report, "data.differs");
    REQUIRE(finding != nullptr);
    CHECK(finding->where == "A0000009990101 DGI 0101 tag 5A");
    CHECK(finding->reason.find("999999") == std::string::npos);
  }
  SECTION("a record that was prepared and is not there") {
    dgis.push_back({0x0403, tlv(0x70, tlv(0x9F08, "0002"))});
    const auto* finding = find(compared(card, prepared), "data.missing");
    CHECK(finding != nullptr);
  }
  SECTION("nothing, where the card keeps groupings to itself") {
    dgis.push_back({0x0E01, tlv(0x9F52, "C000")});
    dgis.push_back({0x0D01, tlv(0x9F58, "05")});
    dgis.push_back({0x0B01, {0x01, 0x02}});
    const auto report = compared(card, prepared);
    CHECK(report.verdict() == Verdict::pass);
    CHECK(report.findings.size() == 2);  // 9F58 and the log file's record
    CHECK(report.has("data.unreadable"));
  }
  SECTION("a record that was not prepared") {
    dgis.erase(dgis.begin());
    CHECK(compared(card, prepared).has("data.unexpected"));
  }
  SECTION("the FCI") {
    for (auto& dgi : dgis)
      if (dgi.id == 0x9102) dgi.value = tlv(0xA5, tlv(0x50, "54455355"));
    CHECK(compared(card, prepared).has("data.differs"));
    CHECK(compared(card, prepared).has("data.unexpected"));
  }
  SECTION("the AIP") {
    for (auto& dgi : dgis)
      if (dgi.id == 0x9104) dgi.value[2] ^= 0x01;
    CHECK(compared(card, prepared).has("data.differs"));
  }
  SECTION("an object behind GET DATA") {
    for (auto& dgi : dgis)
      if (dgi.id == 0x3000) dgi.value.back() ^= 0x01;
    CHECK(compared(card, prepared).has("data.differs"));
  }
  SECTION("the PIN try limit, after a right PIN") {
    dgis.push_back({0x9010, {0x03, 0x05}});
    const auto report = compared(card, prepared);
    const auto* finding = find(report, "data.differs");
    REQUIRE(finding != nullptr);
    CHECK(finding->where == "A0000009990101 DGI 9010");
    CHECK(report.applications.front().comparison == Outcome::failed);
  }
  SECTION("the key index in 9F10") {
    dgis.push_back({0x9200, tlv(0x9F10, "06021203A0B800")});
    const auto report = compared(card, prepared);
    const auto* finding = find(report, "data.differs");
    REQUIRE(finding != nullptr);
    CHECK(finding->where == "A0000009990101 DGI 9200 tag 9F10");
    CHECK(report.applications.front().arqc == Outcome::passed);
    CHECK(report.applications.front().comparison == Outcome::failed);
  }
  SECTION("nothing, where the card keeps its own results in 9F10") {
    dgis.push_back({0x9200, tlv(0x9F10, "06011203000000")});
    dgis.push_back({0x9010, {0x03, 0x03}});
    CHECK(compared(card, prepared).findings.empty());
  }
}

TEST_CASE("A wrong PIN is found with one try, and never with the last") {
  FakeCard card = make_card();
  ClearIssuerHost host;
  auto& app = card.applications.front();
  app.pin_block = emvcrypto::from_hex("244321FFFFFFFFFF");
  SECTION("a fresh card") {
    const auto report = test(card, make_request(host));
    CHECK(report.has("pin.plain"));
    CHECK(report.applications.front().plaintext_pin == Outcome::failed);
    CHECK(report.applications.front().enciphered_pin == Outcome::not_run);
    CHECK(card.verifies == 1);
    CHECK(app.tries == 2);
  }
  SECTION("enciphered alone") {
    auto request = make_request(host);
    request.profile.test = {false, true};
    const auto report = test(card, std::move(request));
    CHECK(report.has("pin.enciphered"));
    CHECK(card.verifies == 1);
  }
  SECTION("one try left") {
    app.tries = 1;
    const auto report = test(card, make_request(host));
    CHECK(report.has("pin.last-try"));
    CHECK(card.verifies == 0);
    CHECK(report.verdict() == Verdict::pass);
  }
  SECTION("no PIN given") {
    auto request = make_request(host);
    request.ports.pin = nullptr;
    CHECK(test(card, std::move(request)).verdict() == Verdict::pass);
    CHECK(card.verifies == 0);
  }
}

TEST_CASE("A card that is lost at any command is reported, and nothing is sent after") {
  FakeCard whole = make_card();
  CHECK(tested(whole).verdict() == Verdict::pass);
  ClearIssuerHost host;
  test(whole, make_request(host));
  for (int at = 0; at < whole.sent; ++at) {
    FakeCard card = make_card();
    card.lost_at = at;
    const auto report = test(card, make_request(host));
    CHECK(report.has("card.lost"));
    CHECK(report.verdict() == Verdict::fail);
    CHECK(card.sent == at + 1);
    CHECK(report.timeline.size() == static_cast<std::size_t>(at) + 1);
  }
}

TEST_CASE("Cards that answer nonsense end in a report") {
  FakeCard card = make_card();
  ClearIssuerHost host;
  SECTION("success to everything") {
    card.always = {0x90, 0x00};
  }
  SECTION("endless announcements") {
    card.always = {0x61, 0x10};
  }
  SECTION("endless data and announcements") {
    card.always = {0x00, 0x61, 0x10};
  }
  SECTION("endless corrections of Le") {
    card.always = {0x6C, 0x10};
  }
  SECTION("no status word") {
    card.always = {0x90};
  }
  SECTION("64 KiB of nothing") {
    card.always = Bytes(65536);
    emvcrypto::append(card.always, Bytes{0x90, 0x00});
  }
  SECTION("a directory without end") {
    card.always = tlv(0x6F, tlv(0x88, "01"));
    emvcrypto::append(card.always, Bytes{0x90, 0x00});
  }
  const auto report = test(card, make_request(host));
  CHECK(report.verdict() == Verdict::fail);
  CHECK_FALSE(report.findings.empty());
}

TEST_CASE("A card that leads in circles meets the limit of commands") {
  FakeCard card = make_card();
  card.applications.front().afl = emvcrypto::from_hex("0801FF001001FF001801FF002001FF00");
  const auto report = tested(card);
  CHECK(report.has("card.limit"));
}

TEST_CASE("Every kind of finding tells what it means and what to do") {
  for (const auto& kind : kpd::tester::finding_kinds()) {
    CHECK(kpd::tester::find_finding_kind(kind.id) == &kind);
    CHECK_FALSE(kind.title.empty());
    CHECK_FALSE(kind.remedy.empty());
  }
  CHECK(kpd::tester::find_finding_kind("oda.icc-cert.cert-algorithm")->id == "oda.icc-cert");
  CHECK(kpd::tester::find_finding_kind("nothing") == nullptr);
}
