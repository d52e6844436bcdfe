// Applications that are there to be read: records, data objects, files.
#include <catch2/catch.hpp>

#include "sample_card.h"

using namespace chiptest;

namespace {

const Bytes kAid = from_hex("F04B5044000010");

ChipConfig config_with_files() {
  ChipConfig config = chip_config();
  config.instances.push_back({kAid, kpd::chip::ApplicationKind::files, {}, false});
  return config;
}

/// A photo of 700 bytes in file 0104 (SFI 4), a phone book of records of 5 bytes in 6F3A, an empty
/// file of 16 bytes in 6F00.
Bytes control() {
  Bytes templates = make_tlv(0x62, from_hex("820101830201048801208002"
                                            "02BC"));
  append(templates, make_tlv(0x62, from_hex("820402210005"
                                            "83026F3A"
                                            "80020014")));
  append(templates, make_tlv(0x62, from_hex("820101"
                                            "83026F00"
                                            "800110")));
  return templates;
}

Bytes photo() {
  Bytes bytes;
  for (unsigned i = 0; i < 700; ++i) bytes.push_back(static_cast<std::uint8_t>(i * 7));
  return bytes;
}

Dgis file_dgis() {
  Dgis dgis;
  dgis[0x0062] = control();
  dgis[0x0104] = photo();
  dgis[0x6F3A] = from_hex(
      "0102030405"
      "060708090A");
  dgis[0x0101] = from_hex("70065F2003414243");
  dgis[0x1401] = from_hex("AABBCC");
  dgis[0x3000] = from_hex(
      "DF0102"
      "0007");
  dgis[0x8000] = kAcKey;
  dgis[0x9000] = kcv(kAcKey);
  dgis[0x9102] = from_hex("A50650044C4F5941");
  return dgis;
}

std::unique_ptr<Chip> chip_with(const Dgis& dgis, unsigned expected = 0x9000) {
  auto chip = std::make_unique<Chip>(config_with_files());
  chip->power_on();
  CHECK(personalise(*chip, kAid, dgis) == expected);
  select(*chip, kAid);
  return chip;
}

std::string answer(Chip& chip, const char* command) {
  const Reply reply = send(chip, from_hex(command));
  Bytes bytes = reply.data;
  append_number(bytes, reply.status, 2);
  return to_hex(bytes);
}

}  // namespace

TEST_CASE("an application of files gives its records and data objects back") {
  const auto chip = chip_with(file_dgis());
  CHECK(to_hex(select(*chip, kAid).data) == "6F118407F04B5044000010A50650044C4F5941");
  CHECK(answer(*chip, "00B2010C00") == "70065F20034142439000");
  CHECK(answer(*chip, "00B201A400") == "AABBCC9000");
  CHECK(answer(*chip, "00B2020C00") == "6A83");
  CHECK(answer(*chip, "00B2011C00") == "6A82");
  CHECK(answer(*chip, "80CADF0100") == "DF010200079000");
  CHECK(answer(*chip, "00CADF0200") == "6A88");
}

TEST_CASE("a transparent file is read by offset, selected by identifier or by SFI") {
  const auto chip = chip_with(file_dgis());
  const std::string all = to_hex(photo());
  CHECK(answer(*chip, "00B0000010") == "6986");
  CHECK(answer(*chip, "00A4020C020104") == "9000");
  CHECK(answer(*chip, "00B0000000") == all.substr(0, 512) + "9000");
  CHECK(answer(*chip, "00B0010010") == all.substr(512, 32) + "9000");
  CHECK(answer(*chip, "00B002B004") == all.substr(688 * 2, 8) + "9000");
  CHECK(answer(*chip, "00B002B010") == all.substr(688 * 2) + "6282");
  CHECK(answer(*chip, "00B002BC01") == "6B00");
  CHECK(answer(*chip, "00B0840204") == all.substr(4, 8) + "9000");
  CHECK(answer(*chip, "00B0850004") == "6A82");
  CHECK(answer(*chip, "00A40000020105") == "6A82");
  CHECK(answer(*chip, "00A4000402010400") ==
        "620E8201018302010488012080"
        "0202BC9000");
}

TEST_CASE("a file of records is read record by record, and what nothing fills stays FF") {
  const auto chip = chip_with(file_dgis());
  CHECK(answer(*chip, "00A4000C026F3A") == "9000");
  CHECK(answer(*chip, "00B2020400") == "060708090A9000");
  CHECK(answer(*chip, "00B2040400") == "FFFFFFFFFF9000");
  CHECK(answer(*chip, "00B2050400") == "6A83");
  CHECK(answer(*chip, "00B0000000") == "6981");
  CHECK(answer(*chip, "00A4000C026F00") == "9000");
  CHECK(answer(*chip, "00B0000000") == std::string(32, 'F') + "9000");
  select(*chip, kAid);
  CHECK(answer(*chip, "00B2020400") == "6986");
}

TEST_CASE("only what was created can be filled, and only as far as it goes") {
  struct Case {
    unsigned id;
    Bytes value;
    unsigned status;
  };
  const Case cases[] = {
      {0x6F07, Bytes(4), 0x6A88},    // no such file
      {0x0104, Bytes(701), 0x6A80},  // too long
      {0x6F3A, Bytes(7), 0x6A80},    // no whole record
      {0x0062,
       from_hex("6206820101"
                "830200"),
       0x6A80},                                                      // malformed
      {0x0062, make_tlv(0x62, from_hex("83026F01")), 0x6A80},        // no descriptor
      {0x0062, make_tlv(0x62, from_hex("82010383026F01")), 0x6A80},  // of no known kind
      {0x0062, make_tlv(0x62, from_hex("82010183020104")), 0x6A80},  // exists
      {0x9000, Bytes(3), 0x6A80},                                    // no keys
      {0x9104, Bytes(3), 0x6A88},                                    // not of this application
  };
  for (const Case& row : cases) {
    CAPTURE(row.id, to_hex(row.value));
    Chip chip(config_with_files());
    chip.power_on();
    select(chip, kAid);
    HostSession session(chip, host_keys());
    REQUIRE(session.open(1) == 0x9000);
    REQUIRE(session.store_dgi(0x0062, control(), false) == 0x9000);
    CHECK(session.store_dgi(row.id, row.value, false) == row.status);
  }
}

TEST_CASE("personalisation stays open while something is missing") {
  Dgis without_fci = file_dgis();
  without_fci.erase(0x9102);
  chip_with(without_fci, 0x6A86);
  Dgis twice = file_dgis();
  twice[0x0401] = twice[0x0101];  // SFI 4 is the photo's
  chip_with(twice, 0x6A86);
  Dgis unchecked = file_dgis();
  unchecked.erase(0x9000);
  chip_with(unchecked, 0x6A86);
  Dgis unfilled = file_dgis();
  append(unfilled[0x0062], make_tlv(0x62, from_hex("82010183022FE2")));
  chip_with(unfilled, 0x6A86);
}

TEST_CASE("keys of an application of files come enciphered and stay inside") {
  Chip chip(config_with_files());
  chip.power_on();
  select(chip, kAid);
  HostSession session(chip, host_keys());
  REQUIRE(session.open(1) == 0x9000);
  CHECK(session.store_dgi(0x8000, kAcKey, false) == 0x6982);
  CHECK(session.store_dgi(0x8000, kAcKey, true) == 0x9000);
  CHECK(session.store_dgi(0x9000, Bytes(3), false) == 0x6A80);
}

TEST_CASE("a file cannot be selected in an application that has none") {
  const auto chip = chip_with(file_dgis());
  personalise(*chip, kPaymentAid, payment_dgis());
  select(*chip, kPaymentAid);
  CHECK(answer(*chip, "00A4000C020104") == "6A86");
}
