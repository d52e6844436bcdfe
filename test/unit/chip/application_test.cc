#include <catch2/catch.hpp>

#include "terminal.h"

using namespace chiptest;

namespace {

Dgis with_pdol() {
  Dgis dgis = payment_dgis();
  dgis[0x9102] = make_tlv(0xA5, from_hex("5004544553549F38059F1A029505"));
  return dgis;
}

}  // namespace

TEST_CASE("SELECT answers the FCI with the AID and what was loaded") {
  const auto chip = personalised_chip();
  const Reply reply = select(*chip, kPaymentAid);
  CHECK(reply.status == 0x9000);
  CHECK(to_hex(reply.data) == "6F148407F04B5044000001A509500454455354870101");
}

TEST_CASE("a blank instance can be selected and does nothing else") {
  Chip chip(chip_config());
  chip.power_on();
  CHECK(to_hex(select(chip, kPaymentAid).data) == "6F0B8407F04B5044000001A500");
  CHECK(send(chip, from_hex("80A8000002830000")).status == 0x6985);
  CHECK(send(chip, from_hex("00B2010C00")).status == 0x6985);
}

TEST_CASE("SELECT finds applications by partial name, the first and then the next") {
  ChipConfig config = chip_config();
  config.instances.push_back({from_hex("F04B5044000002"), {}, {}, false});
  config.instances[2].kind = kpd::chip::ApplicationKind::payment;
  Chip chip(std::move(config));
  chip.power_on();
  const Bytes name = from_hex("F04B504400");
  CHECK(select(chip, from_hex("F04B504401")).status == 0x6A82);
  CHECK(to_hex(select(chip, name).data).substr(8, 14) == "F04B5044000001");
  CHECK(to_hex(select(chip, name, "00A40402").data).substr(8, 14) == "F04B5044000002");
  CHECK(select(chip, name, "00A40402").status == 0x6A82);
  CHECK(select(chip, name, "00A40401").status == 0x6A86);
  CHECK(select(chip, name, "00A40000").status == 0x6A86);
}

TEST_CASE("nothing answers without power and nothing is selected after a reset") {
  const auto chip = personalised_chip();
  select(*chip, kPaymentAid);
  CHECK(to_hex(chip->warm_reset()) == "3BE000008131FE45EB");
  CHECK(send(*chip, from_hex("80CA9F3600")).status == 0x6985);
  chip->power_off();
  CHECK(chip->transmit(from_hex("80CA9F3600")).empty());
  CHECK(chip->warm_reset().empty());
}

TEST_CASE("malformed commands are refused by their length, unknown ones by class and instruction") {
  const auto chip = personalised_chip();
  select(*chip, kPaymentAid);
  for (const char* bytes :
       {"", "00", "00A404", "00A4040003AA", "00A40400000001AA", "00A4040001AABBCC"})
    CHECK(send(*chip, from_hex(bytes)).status == 0x6700);
  CHECK(send(*chip, from_hex("00FF0000")).status == 0x6D00);
  CHECK(send(*chip, from_hex("C0B20000")).status == 0x6E00);
}

TEST_CASE("a chip with a smaller buffer refuses longer commands") {
  ChipConfig config = chip_config();
  config.max_command_data = 10;
  Chip chip(std::move(config));
  chip.power_on();
  CHECK(select(chip, kPaymentAid).status == 0x9000);
  CHECK(select(chip, Bytes(11)).status == 0x6700);
}

TEST_CASE("GET PROCESSING OPTIONS answers AIP and AFL and counts the transaction") {
  const auto chip = personalised_chip();
  select(*chip, kPaymentAid);
  const Reply reply = send(*chip, from_hex("80A8000002830000"));
  CHECK(to_hex(reply.data) == "80127D0008010101100101001801010058010100");
  CHECK(to_hex(send(*chip, from_hex("80CA9F3600")).data) == "9F36020001");
  CHECK(send(*chip, from_hex("80A8000002830000")).status == 0x6985);
}

TEST_CASE("GET PROCESSING OPTIONS can answer in template 77") {
  ChipConfig config = chip_config();
  config.instances[1].gpo_template_77 = true;
  Chip chip(std::move(config));
  chip.power_on();
  REQUIRE(personalise(chip, kPaymentAid, payment_dgis()) == 0x9000);
  select(chip, kPaymentAid);
  CHECK(to_hex(send(chip, from_hex("80A8000002830000")).data) ==
        "771682027D00941008010101100101001801010058010100");
}

TEST_CASE("GET PROCESSING OPTIONS wants exactly what the PDOL asks for") {
  const auto chip = personalised_chip(with_pdol());
  select(*chip, kPaymentAid);
  for (const char* data : {"8300", "83060124000000000000", "830801240000000000AA",
                           "8407012400000000", "83070124000000000000"}) {
    CAPTURE(data);
    CHECK(send(*chip, apdu("80A80000", from_hex(data))).status == 0x6A80);
  }
  CHECK(send(*chip, apdu("80A80000", from_hex("830701240000000000"))).status == 0x9000);
}

TEST_CASE("the transaction counter does not pass its end") {
  Dgis dgis = payment_dgis();
  dgis[0x3000] = from_hex("9F3602FFFE");
  const auto chip = personalised_chip(dgis);
  Terminal terminal(*chip);
  CHECK(terminal.start() == 0x9000);
  CHECK(terminal.start() == 0x6985);
}

TEST_CASE("READ RECORD gives what was loaded, record for record") {
  const auto chip = personalised_chip();
  const Dgis dgis = payment_dgis();
  select(*chip, kPaymentAid);
  CHECK(send(*chip, from_hex("00B2010C00")).data == dgis.at(0x0101));
  CHECK(send(*chip, from_hex("00B2011C00")).data == dgis.at(0x0301));
  CHECK(send(*chip, from_hex("00B2015C00")).data == dgis.at(0x0B01));
  CHECK(send(*chip, from_hex("00B2020C00")).status == 0x6A83);
  CHECK(send(*chip, from_hex("00B2012400")).status == 0x6A82);
  CHECK(send(*chip, from_hex("00B2010800")).status == 0x6A86);
  CHECK(send(*chip, from_hex("00B2010400")).status == 0x6A86);
}

TEST_CASE("internal data cannot be read as records") {
  const auto chip = personalised_chip();
  select(*chip, kPaymentAid);
  CHECK(send(*chip, from_hex("00B2016C00")).status == 0x6A82);  // 0D01
  CHECK(send(*chip, from_hex("00B2017400")).status == 0x6A82);  // 0E01
}

TEST_CASE("GET DATA gives counters, the log format and what was loaded for it") {
  const auto chip = personalised_chip();
  select(*chip, kPaymentAid);
  CHECK(to_hex(send(*chip, from_hex("80CA9F1300")).data) == "9F13020000");
  CHECK(to_hex(send(*chip, from_hex("80CA9F1700")).data) == "9F170103");
  CHECK(to_hex(send(*chip, from_hex("80CA9F4F00")).data) == "9F4F039A0301");
  CHECK(to_hex(send(*chip, from_hex("80CA9F5800")).data) == "9F580105");
  CHECK(send(*chip, from_hex("80CA9F5200")).status == 0x6A88);
  CHECK(send(*chip, from_hex("80CA005A00")).status == 0x6A88);
}

TEST_CASE("a directory answers SELECT and READ RECORD alone") {
  Chip chip(chip_config());
  chip.power_on();
  REQUIRE(personalise(chip, kDirectoryAid, directory_dgis()) == 0x9000);
  CHECK(to_hex(select(chip, kDirectoryAid).data) ==
        "6F15840E315041592E5359532E4444463031A503880101");
  CHECK(send(chip, from_hex("00B2010C00")).data == directory_dgis().at(0x0101));
  CHECK(send(chip, from_hex("80A8000002830000")).status == 0x6E00);
  CHECK(send(chip, from_hex("0084000000")).status == 0x6D00);
}

TEST_CASE("a configuration that no chip can have is refused") {
  const auto refused = [](auto change) {
    ChipConfig config = chip_config();
    change(config);
    CHECK_THROWS_AS(Chip(std::move(config)), std::invalid_argument);
  };
  refused([](ChipConfig& c) { c.key_data.pop_back(); });
  refused([](ChipConfig& c) { c.keys.dek = emvcrypto::Secret(8); });
  refused([](ChipConfig& c) { c.max_command_data = 256; });
  refused([](ChipConfig& c) { c.atr.clear(); });
  refused([](ChipConfig& c) { c.instances[0].aid.resize(4); });
}
