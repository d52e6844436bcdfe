// The contactless side of a payment application, and what belongs to a product.
#include <catch2/catch.hpp>

#include "terminal.h"

using namespace chiptest;

namespace {

const char* const kPdol = "9F66049F02069F03069F1A0295055F2A029A039C019F3704";
const char* const kAfl =
    "08010100"
    "10010101"
    "18010100";

Dgis dual_interface_dgis() {
  Dgis dgis = payment_dgis("06011203000000");
  dgis[0x9103] = make_tlv(
      0xA5, concat({make_tlv(0x50, from_hex("5441500A")), make_tlv(0x9F38, from_hex(kPdol))}));
  dgis[0x9207] =
      concat({make_tlv(0x82, from_hex("2000")), make_tlv(0x9F10, from_hex("06011203000000")),
              make_tlv(0x94, from_hex(kAfl))});
  return dgis;
}

Dgis product_dgis() {
  Dgis dgis = payment_dgis("0114000000000000DAC10000000000000000", "7D00");
  dgis.erase(0x9104);
  dgis.erase(0x9102);
  dgis[0x5101] = from_hex("A50650044C4F5941");
  dgis[0x5111] = from_hex("A50650044C4F5942");
  dgis[0xA005] = from_hex(
      "7D00"
      "08010101"
      "10010100"
      "18010100"
      "58010100");
  dgis[0xB005] = from_hex(
      "1980"
      "08010101"
      "10010100");
  dgis[0xA002] = Bytes(111, 0x5A);
  dgis[0x8400] = kNumberKey;
  dgis[0xB010] = from_hex("11223344");
  dgis[0x8001] = dgis[0x8000];
  dgis[0x9103] = dgis[0x9000];
  return dgis;
}

std::unique_ptr<Chip> product_chip(const Dgis& dgis, unsigned expected = 0x9000) {
  ChipConfig config = chip_config(IadLayout::cvr6);
  config.instances[1].product_groupings = true;
  auto chip = std::make_unique<Chip>(std::move(config));
  chip->power_on();
  CHECK(personalise(*chip, kPaymentAid, dgis) == expected);
  return chip;
}

}  // namespace

TEST_CASE("in a field the chip shows its contactless FCI, options and records") {
  const auto chip = personalised_chip(dual_interface_dgis());
  chip->enter_field();
  const Reply fci = select(*chip, kPaymentAid);
  CHECK(emvcrypto::find_tlv(fci.data, 0x9F38).has_value());
  CHECK(send(*chip, from_hex("80A8000002830000")).status == 0x6A80);  // the PDOL wants more

  Terminal terminal(*chip);
  terminal.values[0x9F66] = from_hex("36004000");
  const Reply reply = send(*chip, apdu("80A80000", make_tlv(0x83, terminal.dol_data(kPdol))));
  REQUIRE(reply.status == 0x9000);
  const auto value = [&](emvcrypto::Tag tag) {
    const auto found = emvcrypto::find_tlv(reply.data, tag).value();
    return Bytes(found.begin(), found.end());
  };
  CHECK(to_hex(value(0x94)) == kAfl);
  CHECK(to_hex(value(0x9F36)) == "0001");
  const Bytes iad = value(0x9F10);
  const Bytes key = session_key(kAcKey, concat({value(0x9F36), Bytes(6)}));
  CHECK(to_hex(value(0x9F26)) ==
        to_hex(alg3_mac(key, cryptogram_input(terminal, "2000", value(0x9F36), iad))));
  CHECK(send(*chip, from_hex("00B2010C00")).status == 0x9000);
  CHECK(send(*chip, apdu("80AE8000", Bytes(29))).status == 0x6985);

  chip->power_on();
  CHECK_FALSE(emvcrypto::find_tlv(select(*chip, kPaymentAid).data, 0x9F38).has_value());
}

TEST_CASE("an application without a contactless side is not there in a field") {
  const auto chip = personalised_chip();
  chip->enter_field();
  CHECK(select(*chip, kPaymentAid).status == 0x6A82);
  chip->warm_reset();
  CHECK(select(*chip, kPaymentAid).status == 0x6A82);
}

TEST_CASE("contactless options that cannot work keep personalisation open") {
  const auto status_of = [](const Dgis& dgis) {
    Chip chip(chip_config());
    chip.power_on();
    return personalise(chip, kPaymentAid, dgis);
  };
  Dgis no_fci = dual_interface_dgis();
  no_fci.erase(0x9103);
  CHECK(status_of(no_fci) == 0x6A86);
  Dgis short_pdol = dual_interface_dgis();
  short_pdol[0x9103] = from_hex("A5099F38069F66049F3704");
  CHECK(status_of(short_pdol) == 0x6A86);
  Dgis no_record = dual_interface_dgis();
  no_record[0x9207][no_record[0x9207].size() - 4] = 0x20;
  CHECK(status_of(no_record) == 0x6A86);
}

TEST_CASE("groupings of a product are taken where the instance knows them") {
  const auto chip = product_chip(product_dgis());
  CHECK(to_hex(select(*chip, kPaymentAid).data).ends_with("4C4F5941"));
  CHECK(to_hex(send(*chip, from_hex("80A8000002830000")).data) ==
        "80127D0008010101100101001801010058010100");
  Chip plain(chip_config(IadLayout::cvr6));
  plain.power_on();
  CHECK(personalise(plain, kPaymentAid, product_dgis()) == 0x6A88);

  Dgis wrong_check = product_dgis();
  wrong_check[0x9103] = Bytes(9);
  product_chip(wrong_check, 0x6A80);
  Dgis no_values = product_dgis();
  no_values.erase(0xB010);
  product_chip(no_values, 0x6A86);
}

TEST_CASE("dynamic codes are made of what was personalised for them") {
  const auto chip = product_chip(product_dgis());
  chip->enter_field();
  CHECK(to_hex(select(*chip, kPaymentAid).data).ends_with("4C4F5942"));
  const Bytes number = from_hex("00000899");
  CHECK(send(*chip, apdu("802A8E80", number)).status == 0x6985);  // no options yet
  CHECK(to_hex(send(*chip, from_hex("80A8000002830000")).data) ==
        "770E82021980940808010101"
        "10010100");
  const Reply reply = send(*chip, apdu("802A8E80", number));
  REQUIRE(reply.status == 0x9000);
  const auto code = [&](const char* value) {
    const Bytes block = ecb(kNumberKey, concat({from_hex(value), number, from_hex("0001")}));
    return to_hex(Bytes(block.end() - 2, block.end()));
  };
  CHECK(to_hex(reply.data) == "770F9F6102" + code("3344") + "9F6002" + code("1122") + "9F36020001");
}
