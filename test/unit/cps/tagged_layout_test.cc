#include "cps/tagged_layout.h"

#include <catch2/catch.hpp>

#include "test/unit/cps/generators.h"

using namespace cps;
using emvcrypto::from_hex;
using emvcrypto::to_hex;

namespace {

const Bytes kReference = from_hex("0A0B0C");

std::vector<TagTree> trees(const char* text) {
  return parse_tag_trees(text).value();
}

Application frame() {
  Application application;
  application.aid = from_hex("F0000000990101");
  application.transport_keys = {{from_hex("544B4B31"), 0x20, 0x11, {0x8000}}};
  application.owner = from_hex("F000000099");
  application.steps = {Step{}};
  return application;
}

TaggedLayout layout() {
  TaggedApplication application;
  application.name = "LOCL0001";
  application.pix = from_hex("01010000");
  application.dgis = {{0x9102, 0xDF01, trees("A5(50,87,BF0C(9F4D,9F6E))")},
                      {0x0101, 0xDF02, trees("70(57,5F20)")},
                      {0x9200, 0xDF03, trees("9F10,9F36")},
                      {0x8000, 0xDF04, {}},
                      {0x9010, 0xDF05, {}}};
  TaggedLayout layout;
  TaggedCard card;
  card.frame.applications = {frame()};
  card.applications = {application};
  layout.cards = {card};
  return layout;
}

std::vector<Dgi> dgis() {
  return {{0x9102, from_hex("A50A50024142BF0C039F4D00")},
          {0x0101, from_hex("70085701115F20024F4C")},
          {0x9200, from_hex("9F10010A9F36020000")},
          {0x8000, Bytes(16, 0xC7)},
          {0x9010, from_hex("0303")}};
}

Record record(std::vector<Dgi> with = dgis()) {
  Record record = layout().cards[0].frame;
  record.reference = kReference;
  record.applications[0].dgis = std::move(with);
  return record;
}

Bytes packages_of(const Record& record, const TaggedLayout& with = layout()) {
  const auto packages = encode_packages(with, 0, record);
  REQUIRE(packages.has_value());
  return *packages;
}

/// The run of BER-TLV in the one package.
std::string run_of(const Record& record) {
  const Bytes packages = packages_of(record);
  // 7 digits, mark, L2, name, PIX, key data, length of the run
  const std::size_t head = 7 + 4 + 2 + 2 + 8 + 2 + 4 + 2 + 12 + 2;
  return to_hex(ByteView(packages).subspan(head));
}

bool comes_back(const Record& record) {
  const auto read = parse_packages(layout(), 0, packages_of(record), record.reference);
  return read && *read == record;
}

}  // namespace

TEST_CASE("a package is digits, mark, name, PIX, key data and a run of BER-TLV") {
  const Bytes packages = packages_of(record({}));
  // every DGI of the layout is said to be absent: 5 x DF7F 02 id
  const std::string run = "DF7F029102DF7F020101DF7F029200DF7F028000DF7F029010";
  CHECK(to_hex(packages) == to_hex(emvcrypto::as_bytes("0000063")) + "FFFFFFFA" + "0039" + "0008" +
                                to_hex(emvcrypto::as_bytes("LOCL0001")) + "0004" + "01010000" +
                                "000C" + std::string(24, '0') + "0019" + run);
}

TEST_CASE("a run holds leaves where the layout names them, secrets and other values whole") {
  CHECK(run_of(record()) ==
        "50024142"
        "DF7F00"  // 87 is absent
        "9F4D00"
        "DF7F00"  // 9F6E is absent
        "570111"
        "5F20024F4C"
        "9F10010A"
        "9F36020000"
        "DF0410" +
            to_hex(Bytes(16, 0xC7)) + "DF05020303");
}

TEST_CASE("packages read back to the record that they were written from") {
  CHECK(comes_back(record()));
  CHECK(comes_back(record({})));
  Record maced = record();
  maced.applications[0].mac_key = Bytes(16, 0xAA);
  maced.applications[0].mac = from_hex("01020304");
  CHECK(comes_back(maced));
}

TEST_CASE("a MAC key and its MAC stand in the key data") {
  Record maced = record({});
  maced.applications[0].mac_key = Bytes(16, 0xAA);
  maced.applications[0].mac = from_hex("01020304");
  CHECK(to_hex(packages_of(maced)).find("0014" + to_hex(Bytes(16, 0xAA)) + "01020304") !=
        std::string::npos);
}

TEST_CASE("a MAC key without its MAC, or key data that look like none, are a fault") {
  const auto refused = [](Bytes key, Bytes mac) {
    Record maced = record();
    maced.applications[0].mac_key = std::move(key);
    maced.applications[0].mac = std::move(mac);
    CHECK_FALSE(encode_packages(layout(), 0, maced).has_value());
  };
  refused(Bytes(16, 0xAA), {});
  refused({}, Bytes(4, 1));
  refused(Bytes(16, 0xAA), Bytes(5, 1));
  refused(Bytes(8, 0), Bytes(4, 0));
}

TEST_CASE("a DGI that does not look like its layout stands whole and comes back byte for byte") {
  for (const char* value : {
           "",                      // nothing at all
           "A500",                  // an empty template is not an absent one
           "A5045002414200",        // something behind
           "A50681500241428701",    // lengths that lie
           "A581045002414A",        // not the shortest length
           "A5078701015002414B",    // another order
           "A5085002414250024142",  // an object twice
           "6F04A5025000",          // another template
           "70025700",              // the one of another DGI
           "0000A50450024142",      // padding
           "FFFF",
       }) {
    CAPTURE(value);
    std::vector<Dgi> changed = dgis();
    changed[0].value = from_hex(value);
    CHECK(comes_back(record(changed)));
  }
}

TEST_CASE("DGIs that are missing, more or in another order come back") {
  std::vector<Dgi> changed = dgis();
  changed.erase(changed.begin() + 1);
  CHECK(comes_back(record(changed)));
  changed.push_back({0x0B01, from_hex("0102")});
  changed.insert(changed.begin(), {0x7FFF, {}});
  changed.insert(changed.begin() + 2, {0xA001, Bytes(300, 1)});
  CHECK(comes_back(record(changed)));
  std::reverse(changed.begin(), changed.end());
  CHECK(comes_back(record(changed)));
  changed.push_back(changed.front());
  CHECK(comes_back(record(changed)));
}

TEST_CASE("a card that is not of its layout is a fault, not another card") {
  Record other = record();
  other.status = "01";
  CHECK_FALSE(encode_packages(layout(), 0, other).has_value());
  other = record();
  other.applications[0].transport_keys[0].dgis = {0x8010};
  CHECK_FALSE(encode_packages(layout(), 0, other).has_value());
  CHECK_THROWS_AS(encode_packages(layout(), 1, record()), std::out_of_range);
  CHECK_FALSE(parse_packages(layout(), 1, packages_of(record()), kReference).has_value());
}

TEST_CASE("what outgrows the lengths of a package is a fault") {
  CHECK(comes_back(record({{0x7001, Bytes(65000, 1)}})));
  CHECK_FALSE(encode_packages(layout(), 0, record({{0x7001, Bytes(65500, 1)}})).has_value());
}

TEST_CASE("packages cut anywhere, or with a byte more, are refused") {
  Bytes packages = packages_of(record());
  for (std::size_t size = 0; size < packages.size(); ++size)
    CHECK_FALSE(
        parse_packages(layout(), 0, ByteView(packages).first(size), kReference).has_value());
  packages.push_back(0);
  CHECK_FALSE(parse_packages(layout(), 0, packages, kReference).has_value());
}

TEST_CASE("a package of another name, PIX or length form is refused") {
  const Bytes packages = packages_of(record());
  TaggedLayout other = layout();
  other.cards[0].applications[0].name = "LOCL0002";
  CHECK_FALSE(parse_packages(other, 0, packages, kReference).has_value());
  other = layout();
  other.cards[0].applications[0].pix[0] ^= 1;
  CHECK_FALSE(parse_packages(other, 0, packages, kReference).has_value());
  other = layout();
  other.pix_length_size = 1;
  CHECK_FALSE(parse_packages(other, 0, packages, kReference).has_value());
  const Bytes narrow = packages_of(record(), other);
  CHECK(narrow.size() + 1 == packages.size());
  CHECK(parse_packages(other, 0, narrow, kReference) == record());
}

TEST_CASE("whatever bytes packages parse from, their record encodes to them again") {
  const Bytes good = packages_of(record());
  KPD_PROPERTY([&good] {
    Bytes altered = good;
    altered[*rc::gen::inRange<std::size_t>(0, good.size())] = *rc::gen::arbitrary<std::uint8_t>();
    const auto parsed = parse_packages(layout(), 0, altered, kReference);
    if (parsed) RC_ASSERT(encode_packages(layout(), 0, *parsed) == altered);
  });
}

TEST_CASE("any DGIs come back from their packages") {
  KPD_PROPERTY([] {
    auto list = *cps::test::list_of(0, 8, cps::test::any_dgi());
    const auto known = dgis();
    for (Dgi& dgi : list)
      if (*rc::gen::arbitrary<bool>()) dgi.id = known[*rc::gen::inRange<std::size_t>(0, 5)].id;
    RC_ASSERT(comes_back(record(list)));
  });
}

TEST_CASE("a layout of packages that could not be read back is a mistake") {
  const auto mistake_of = [](auto alter) {
    TaggedLayout altered = layout();
    alter(altered, altered.cards[0].applications[0]);
    return layout_mistake(altered);
  };
  using L = TaggedLayout;
  using A = TaggedApplication;
  CHECK(layout_mistake(layout()).empty());
  CHECK_FALSE(mistake_of([](L& l, A&) { l.absent = 0x57; }).empty());
  CHECK_FALSE(mistake_of([](L& l, A&) { l.other = l.absent; }).empty());
  CHECK_FALSE(mistake_of([](L& l, A&) { l.other = 0xDF01; }).empty());
  CHECK_FALSE(mistake_of([](L& l, A&) { l.absent = 0xFF7F; }).empty());
  CHECK_FALSE(mistake_of([](L& l, A&) { l.pix_length_size = 3; }).empty());
  CHECK_FALSE(mistake_of([](L&, A& a) { a.dgis[1].whole = 0xDF01; }).empty());
  CHECK_FALSE(mistake_of([](L&, A& a) { a.dgis[1].whole = 0x9F10; }).empty());
  CHECK_FALSE(mistake_of([](L&, A& a) { a.dgis[1].whole = 0xE1; }).empty());
  CHECK_FALSE(mistake_of([](L&, A& a) { a.name.clear(); }).empty());
  CHECK_FALSE(mistake_of([](L&, A& a) { a.pix.pop_back(); }).empty());
  CHECK_FALSE(mistake_of([](L& l, A&) { l.cards[0].applications.clear(); }).empty());
  CHECK_FALSE(mistake_of([](L& l, A&) { l.cards[0].frame.applications[0].dgis = dgis(); }).empty());
}

TEST_CASE("tags inside tags read back from their text") {
  for (const char* text : {"", "57", "70(57,5F20)", "A5(50,BF0C(9F4D)),9F36", "DF8101"})
    CHECK(to_text(trees(text)) == text);
  for (const char* bad : {",", "57,", "70(", "70()", "70(57", "57)", "5F", "57(5A)", "9f36",
                          "70 (57)", "70(57)5A", "E1(E1(E1(E1(E1(E1(E1(E1(57))))))))"})
    CHECK_FALSE(parse_tag_trees(bad).has_value());
}
