// Applications that do not pay: what was prepared is read back from a virtual chip and compared.
#include <catch2/catch.hpp>

#include "kpd/tester/plain_files.h"
#include "kpd/tester/terminal.h"
#include "test/unit/chip/sample_card.h"
#include "test/unit/support/chip_card.h"

using emvcrypto::Bytes;
using emvcrypto::ByteView;
using kpd::tester::Outcome;
using kpd::tester::Verdict;
using kpd_test::ChipCard;

namespace {

const Bytes kAid = emvcrypto::from_hex("F04B5044000010");

/// Two records, a data object, a transparent file of 600 bytes and a file of records.
chiptest::Dgis good_dgis() {
  chiptest::Dgis dgis;
  dgis[0x0062] = emvcrypto::from_hex(
      "620A82010183020104880120"
      "620D82040221000583026F3A80011E");
  dgis[0x0104] = Bytes(600, 0x5A);
  dgis[0x6F3A] = emvcrypto::from_hex("01020304050607080910");
  dgis[0x0101] = emvcrypto::from_hex(
      "7007DF0104414243"
      "44");
  dgis[0x0B01] = emvcrypto::from_hex("AABB");
  dgis[0x3000] = emvcrypto::from_hex("DF02020007");
  dgis[0x8000] = chiptest::kAcKey;
  dgis[0x9000] = chiptest::kcv(chiptest::kAcKey);
  dgis[0x9102] = emvcrypto::from_hex("A50650044C4F5941");
  return dgis;
}

/// What a terminal says of a chip with `on_chip` that should hold `prepared`.
kpd::tester::CardReport report_of(const chiptest::Dgis& on_chip, const chiptest::Dgis& prepared) {
  auto config = chiptest::chip_config();
  config.instances.push_back({kAid, kpd::chip::ApplicationKind::files, {}, false});
  kpd::chip::Chip chip(std::move(config));
  chip.power_on();
  REQUIRE(chiptest::personalise(chip, kAid, on_chip) == 0x9000);
  chip.power_on();
  cps::Record record;
  record.applications.emplace_back();
  record.applications.back().aid = kAid;
  for (const auto& [id, value] : prepared)
    record.applications.back().dgis.push_back({static_cast<cps::DgiId>(id), value});
  kpd::tester::TestRequest request;
  request.prepared = &record;
  request.plain = {kAid};
  request.ports.random = [](std::size_t count) { return Bytes(count); };
  ChipCard card(chip);
  return cps::drive(kpd::tester::test_card(request), card, std::chrono::seconds(1));
}

/// The findings that are no notes: "id where".
std::vector<std::string> findings_of(const kpd::tester::CardReport& report) {
  std::vector<std::string> found;
  for (const auto& finding : report.findings)
    if (finding.severity != kpd::tester::Severity::note)
      found.push_back(finding.id + " " + finding.where);
  return found;
}

using Found = std::vector<std::string>;
const std::string kDgi = "F04B5044000010 DGI ";

}  // namespace

TEST_CASE("records, data objects and files of a good card are what was prepared") {
  const auto report = report_of(good_dgis(), good_dgis());
  CHECK(findings_of(report).empty());
  REQUIRE(report.applications.size() == 1);
  CHECK(report.applications[0].label == "LOYA");
  CHECK(report.applications[0].comparison == Outcome::passed);
  CHECK(report.applications[0].arqc == Outcome::not_run);
  CHECK(report.verdict() == Verdict::pass);
}

TEST_CASE("each difference of an application without payment has its place") {
  struct Case {
    unsigned id;
    Bytes on_chip;
    Found found;
  };
  Bytes other_photo(600, 0x5A);
  other_photo[599] = 0;
  const Case cases[] = {
      {0x0104, other_photo, {"data.differs " + kDgi + "0104"}},
      {0x0104, Bytes(601, 0x5A), {"file.longer " + kDgi + "0104"}},
      {0x0104, Bytes(599, 0x5A), {"data.differs " + kDgi + "0104"}},
      {0x6F3A, emvcrypto::from_hex("01020304050607080911"), {"data.differs " + kDgi + "6F3A"}},
      {0x0B01, emvcrypto::from_hex("AABC"), {"data.differs " + kDgi + "0B01"}},
      {0x3000, emvcrypto::from_hex("DF02020008"), {"data.differs " + kDgi + "3000 tag DF02"}},
      {0x3000, emvcrypto::from_hex("DF03020007"), {"data.unreadable " + kDgi + "3000 tag DF02"}},
      {0x9102, emvcrypto::from_hex("A50650044C4F5942"), {"data.differs " + kDgi + "9102 tag 50"}},
  };
  for (const Case& row : cases) {
    CAPTURE(row.id, row.found);
    auto dgis = good_dgis();
    dgis[row.id] = row.on_chip;
    const auto report = report_of(dgis, good_dgis());
    CHECK(findings_of(report) == row.found);
    CHECK((report.verdict() == Verdict::fail) ==
          (row.found[0].find("unreadable") == Found::value_type::npos));
  }
}

TEST_CASE("what was prepared and is not on the card is missing") {
  auto dgis = good_dgis();
  dgis[0x0062] = emvcrypto::from_hex("620A82010183020104880120");
  dgis.erase(0x6F3A);
  dgis.erase(0x0B01);
  const auto report = report_of(dgis, good_dgis());
  CHECK(findings_of(report) ==
        Found{"data.missing " + kDgi + "0B01", "file.missing " + kDgi + "6F3A"});
  CHECK(report.applications[0].comparison == Outcome::failed);
}

TEST_CASE("file control parameters are read as they were prepared") {
  const auto files = kpd::tester::parse_file_control(good_dgis()[0x0062]);
  REQUIRE(files);
  CHECK(files->size() == 2);
  CHECK(files->at(0x0104).record_length == 0);
  CHECK_FALSE(files->at(0x0104).has_size);
  CHECK(files->at(0x6F3A).record_length == 5);
  CHECK(files->at(0x6F3A).has_size);
  for (const char* bad : {"6200", "620782010183026F", "610A82010183020104880120",
                          "6205820101"
                          "8301"})
    CHECK_FALSE(kpd::tester::parse_file_control(emvcrypto::from_hex(bad)));
}
