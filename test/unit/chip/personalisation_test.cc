#include <catch2/catch.hpp>

#include "sample_card.h"

using namespace chiptest;

namespace {

/// A powered chip with the payment instance selected.
std::unique_ptr<Chip> blank(ChipConfig config = chip_config()) {
  auto chip = std::make_unique<Chip>(std::move(config));
  chip->power_on();
  REQUIRE(select(*chip, kPaymentAid).status == 0x9000);
  return chip;
}

}  // namespace

TEST_CASE("a blank chip takes personalisation at every security level") {
  for (const unsigned level : {0U, 1U, 3U}) {
    CAPTURE(level);
    Chip chip(chip_config());
    chip.power_on();
    CHECK(personalise(chip, kPaymentAid, payment_dgis(), level) == 0x9000);
    CHECK(personalise(chip, kDirectoryAid, directory_dgis(), level) == 0x9000);
    CHECK(chip.is_personalised(kPaymentAid));
    CHECK(chip.is_personalised(kDirectoryAid));
  }
}

TEST_CASE("personalisation works with each SCP02 variant") {
  using kpd::chip::Scp02Option;
  for (const Scp02Option option : {Scp02Option::i05, Scp02Option::i15, Scp02Option::i55}) {
    ChipConfig config = chip_config();
    config.scp = option;
    const auto chip = blank(std::move(config));
    HostSession session(*chip, host_keys(), option != Scp02Option::i05);
    REQUIRE(session.open(3) == 0x9000);
    CHECK(session.card_is_genuine());
    CHECK(session.personalise(payment_dgis()) == 0x9000);
  }
}

TEST_CASE("INITIALIZE UPDATE gives KEYDATA, key version, protocol and a proof of the card's keys") {
  const auto chip = blank();
  HostSession session(*chip, host_keys());
  const Reply reply = session.initialize();
  REQUIRE(reply.data.size() == 28);
  CHECK(to_hex(Bytes(reply.data.begin(), reply.data.begin() + 14)) ==
        "0A0B0C0D0E0F0000000101020000");
  CHECK(session.card_is_genuine());
}

TEST_CASE("the sequence counter rises with every opened channel and survives power cycles") {
  const auto chip = blank();
  HostSession session(*chip, host_keys());
  session.initialize();
  CHECK(to_hex(session.sequence()) == "0000");
  session.initialize();
  CHECK(to_hex(session.sequence()) == "0000");  // nothing was opened yet
  CHECK(session.authenticate(1).status == 0x9000);
  chip->power_off();
  chip->power_on();
  select(*chip, kPaymentAid);
  session.initialize();
  CHECK(to_hex(session.sequence()) == "0001");
  select(*chip, kDirectoryAid);
  session.initialize();
  CHECK(to_hex(session.sequence()) == "0001");  // one counter for the card
}

TEST_CASE("the sequence counter can belong to the instance") {
  ChipConfig config = chip_config();
  config.counter_per_instance = true;
  const auto chip = blank(std::move(config));
  HostSession session(*chip, host_keys());
  REQUIRE(session.open(1) == 0x9000);
  select(*chip, kDirectoryAid);
  session.initialize();
  CHECK(to_hex(session.sequence()) == "0000");
}

TEST_CASE("a host with wrong keys is refused and must begin again") {
  const auto chip = blank();
  HostKeys wrong = host_keys();
  wrong.enc[0] ^= 0x40;
  HostSession stranger(*chip, wrong);
  stranger.initialize();
  CHECK_FALSE(stranger.card_is_genuine());
  CHECK(stranger.authenticate(1).status == 0x6300);
  CHECK(stranger.store(0x00, dgi(0x9010, from_hex("0303"))) == 0x6982);

  wrong = host_keys();
  wrong.mac[0] ^= 0x40;
  HostSession mac_stranger(*chip, wrong);
  mac_stranger.initialize();
  CHECK(mac_stranger.authenticate(1).status == 0x6982);
}

TEST_CASE("levels other than 00, 01 and 03 are refused") {
  for (const unsigned level : {2U, 0x11U, 0x13U, 0x33U}) {
    const auto chip = blank();
    HostSession session(*chip, host_keys());
    session.initialize();
    CHECK(session.authenticate(level).status == 0x6A86);
  }
}

TEST_CASE("a wrong MAC ends the session") {
  for (const unsigned level : {1U, 3U}) {
    const auto chip = blank();
    HostSession session(*chip, host_keys());
    REQUIRE(session.open(level) == 0x9000);
    Bytes command = session.wrap(0x00, 0, dgi(0x9010, from_hex("0303")));
    command.back() ^= 0x01;
    CHECK(send(*chip, command).status == 0x6982);
    command.back() ^= 0x01;
    CHECK(send(*chip, command).status == 0x6982);
  }
}

TEST_CASE("a command without MAC is refused where the level asks for one") {
  const auto chip = blank();
  HostSession session(*chip, host_keys());
  REQUIRE(session.open(1) == 0x9000);
  CHECK(send(*chip, apdu("80E20000", dgi(0x9010, from_hex("0303")))).status == 0x6982);
}

TEST_CASE("commands of personalisation need a session") {
  const auto chip = blank();
  CHECK(send(*chip, apdu("80E20000", dgi(0x9010, from_hex("0303")))).status == 0x6982);
  CHECK(send(*chip, apdu("84820100", Bytes(16))).status == 0x6982);
  HostSession session(*chip, host_keys());
  session.initialize();
  CHECK(session.store(0x00, dgi(0x9010, from_hex("0303"))) == 0x6982);
}

TEST_CASE("a session ends with selection and with reset") {
  const auto chip = blank();
  HostSession session(*chip, host_keys());
  REQUIRE(session.open(0) == 0x9000);
  select(*chip, kPaymentAid);
  CHECK(session.store(0x00, dgi(0x9010, from_hex("0303"))) == 0x6982);
  HostSession other(*chip, host_keys());
  REQUIRE(other.open(0) == 0x9000);
  chip->warm_reset();
  CHECK(other.store(0x00, dgi(0x9010, from_hex("0303"))) == 0x6985);  // nothing selected
}

TEST_CASE("block numbers rise by one from 00; a refused block keeps its number") {
  const auto chip = blank();
  HostSession session(*chip, host_keys());
  REQUIRE(session.open(0) == 0x9000);
  const Bytes counters = dgi(0x9010, from_hex("0303"));
  CHECK(send(*chip, session.wrap(0x00, 1, counters)).status == 0x6A86);
  CHECK(send(*chip, session.wrap(0x00, 0, counters)).status == 0x9000);
  CHECK(send(*chip, session.wrap(0x00, 0, counters)).status == 0x6A86);
  CHECK(send(*chip, session.wrap(0x00, 1, dgi(0x9010, from_hex("0400")))).status == 0x6A80);
  CHECK(send(*chip, session.wrap(0x00, 1, counters)).status == 0x9000);
}

TEST_CASE("after an unknown grouping the host may go on with the next block") {
  const auto chip = blank();
  HostSession session(*chip, host_keys());
  REQUIRE(session.open(1) == 0x9000);
  CHECK(send(*chip, session.wrap(0x00, 0, dgi(0x9998, Bytes(4)))).status == 0x6A88);
  CHECK(send(*chip, session.wrap(0x00, 1, dgi(0x9010, from_hex("0303")))).status == 0x9000);
}

TEST_CASE("groupings are refused each for its own fault") {
  struct Case {
    unsigned id;
    const char* value;
    unsigned status;
  };
  const Case cases[] = {
      {0x9999, "00", 0x6A88},                    // unknown
      {0x1F01, "00", 0x6A88},                    // no such SFI
      {0x0100, "7000", 0x6A88},                  // no record 00
      {0x0101, "5A0101", 0x6A80},                // no template 70
      {0x0101, "70025A01", 0x6A80},              // malformed inside
      {0x0101, "70035A010100", 0x6A80},          // more behind it
      {0x9010, "0403", 0x6A80},                  // counter above limit
      {0x9010, "03", 0x6A80},                    // no limit
      {0x9102, "6F00", 0x6A80},                  // not A5
      {0x9104, "82027D00", 0x6A80},              // no AFL
      {0x9104, "82027D00940408010102", 0x6A80},  // more signed records than records
      {0x9104, "82027D00940400010100", 0x6A80},  // SFI 0
      {0x9200, "9F100706010B03000000", 0x6A80},  // unknown cryptogram version
      {0x9200, "9F100705010A03000000", 0x6A80},  // wrong layout
      {0x9000, "000000000000000000", 0x6A80},    // no keys yet
      {0x3000, "9F3601", 0x6A80},                // malformed
      {0x3000, "9F360101", 0x6A80},              // ATC of one byte
      {0x7FFF, "", 0x6A80},                      // completion not in the last block
      {0x8000, "00", 0x6982},                    // a secret in clear
      {0x8010, "241234FFFFFFFFFF", 0x6982},
      {0x8205, "00", 0x6982},
      {0xA006, "00", 0x6982},
  };
  for (const Case& row : cases) {
    CAPTURE(row.id, row.value);
    const auto chip = blank();
    HostSession session(*chip, host_keys());
    REQUIRE(session.open(1) == 0x9000);
    CHECK(session.store(0x00, dgi(row.id, from_hex(row.value))) == row.status);
  }
}

TEST_CASE("secret groupings are refused when their clear value cannot be right") {
  const auto chip = blank();
  HostSession session(*chip, host_keys());
  REQUIRE(session.open(1) == 0x9000);
  const auto store = [&](unsigned id, const Bytes& value) {
    return session.store_dgi(id, value, true);
  };
  CHECK(store(0x8000, Bytes(32)) == 0x6A80);
  CHECK(store(0xA006, Bytes(24)) == 0x6A80);
  CHECK(store(0x8010, from_hex("341234FFFFFFFFFF")) == 0x6A80);
  CHECK(store(0x8010, from_hex("231234FFFFFFFFFF")) == 0x6A80);
  CHECK(store(0x8010, from_hex("24123AFFFFFFFFFF")) == 0x6A80);
  CHECK(store(0x8010, from_hex("2412340FFFFFFFFF")) == 0x6A80);
  CHECK(store(0x8010, from_hex("241234FFFFFFFFFF")) == 0x9000);
  CHECK(session.store(0x60, dgi(0x8010, Bytes(7))) == 0x6A80);  // no whole block
  CHECK(session.store(0x60, dgi(0x9010, Bytes(8))) == 0x6A80);  // nothing secret
  CHECK(session.store(0x60, dgi(0x9998, Bytes(8))) == 0x6A88);
  CHECK(session.store(0x40, dgi(0x9010, Bytes(2))) == 0x6A86);  // reserved encipherment
  CHECK(session.store(0x20, dgi(0x8010, session.encipher(kPinBlock))) == 0x9000);
  CHECK(session.store(0x20, dgi(0x9010, from_hex("0303"))) == 0x9000);
}

TEST_CASE("check values must be those of the keys") {
  const auto chip = blank();
  HostSession session(*chip, host_keys());
  REQUIRE(session.open(1) == 0x9000);
  Dgis dgis = payment_dgis();
  REQUIRE(session.store_dgi(0x8000, dgis[0x8000], true) == 0x9000);
  dgis[0x9000][4] ^= 1;
  CHECK(session.store_dgi(0x9000, dgis[0x9000], false) == 0x6A80);
}

TEST_CASE("malformed lists are refused") {
  for (const char* data : {"90", "9010", "9010FF", "9010FF00", "9010FFFFFF"}) {
    CAPTURE(data);
    const auto chip = blank();
    HostSession session(*chip, host_keys());
    REQUIRE(session.open(1) == 0x9000);
    CHECK(session.store(0x00, from_hex(data)) == 0x6A80);
  }
}

TEST_CASE("several groupings may share a block, unless the chip takes one at a time") {
  for (const bool one : {false, true}) {
    ChipConfig config = chip_config();
    config.one_dgi_per_command = one;
    const auto chip = blank(std::move(config));
    HostSession session(*chip, host_keys());
    REQUIRE(session.open(1) == 0x9000);
    const Bytes two = concat({dgi(0x9010, from_hex("0303")), dgi(0x3000, from_hex("9F36020000"))});
    CHECK(session.store(0x00, two) == (one ? 0x6A80U : 0x9000U));
  }
}

TEST_CASE("a grouping may run over several blocks and be followed by another") {
  const auto chip = blank();
  HostSession session(*chip, host_keys());
  REQUIRE(session.open(1) == 0x9000);
  const Bytes record = make_tlv(0x70, make_tlv(0x9F46, Bytes(240, 0x11)));
  const Bytes whole = dgi(0x0401, record);
  CHECK(session.store(0x00, Bytes(whole.begin(), whole.begin() + 3)) == 0x9000);
  CHECK(session.store(0x00, Bytes(whole.begin() + 3, whole.begin() + 100)) == 0x9000);
  CHECK(session.store(0x60, Bytes(whole.begin() + 100, whole.end())) == 0x6A86);  // other flags
  CHECK(session.store(0x00, concat({Bytes(whole.begin() + 100, whole.end()),
                                    dgi(0x9010, from_hex("0303"))})) == 0x9000);
}

TEST_CASE("personalisation cannot be closed while something is missing or does not fit") {
  const auto refused = [](Dgis dgis) {
    Chip chip(chip_config());
    chip.power_on();
    return personalise(chip, kPaymentAid, dgis);
  };
  for (const unsigned missing : {0x0101U, 0x0201U, 0x0301U, 0x0B01U, 0x9000U, 0x8201U, 0x8205U,
                                 0x8303U, 0x9010U, 0x9102U, 0x9104U, 0x9200U}) {
    CAPTURE(missing);
    Dgis dgis = payment_dgis();
    dgis.erase(missing);
    CHECK(refused(dgis) == 0x6A86);
  }
  Dgis other_key = payment_dgis();
  other_key[0x8204].back() ^= 2;
  CHECK(refused(other_key) == 0x6A86);
  Dgis other_exponent = payment_dgis();
  other_exponent[0x8202][10] ^= 1;
  CHECK(refused(other_exponent) == 0x6A86);
  Dgis no_unknown = payment_dgis();
  no_unknown[0x0201] = make_tlv(0x70, from_hex("8C039F02068D028A02"));
  CHECK(refused(no_unknown) == 0x6A86);
}

TEST_CASE("a static application needs no RSA key and no PIN") {
  Dgis dgis = payment_dgis("06010A03000000", "5C00");
  for (unsigned id = 0x8201; id <= 0x8205; ++id) dgis.erase(id);
  for (unsigned id = 0x8301; id <= 0x8305; ++id) dgis.erase(id);
  for (const unsigned id : {0x8010U, 0x9010U, 0xA006U, 0x0D01U, 0x0E01U, 0x3000U}) dgis.erase(id);
  Chip chip(chip_config());
  chip.power_on();
  CHECK(personalise(chip, kPaymentAid, dgis) == 0x9000);
}

TEST_CASE("an unfinished grouping cannot end personalisation") {
  const auto chip = blank();
  HostSession session(*chip, host_keys());
  REQUIRE(session.open(1) == 0x9000);
  CHECK(session.store(0x80, from_hex("901002")) == 0x6A86);
}

TEST_CASE("after a refusal at the last block the missing grouping can still be sent") {
  const auto chip = blank();
  HostSession session(*chip, host_keys());
  REQUIRE(session.open(1) == 0x9000);
  Dgis dgis = payment_dgis();
  const Bytes counters = dgis[0x9010];
  dgis.erase(0x9010);
  CHECK(session.personalise(dgis) == 0x6A86);
  CHECK_FALSE(chip->is_personalised(kPaymentAid));
  CHECK(session.store_dgi(0x9010, counters, false, true) == 0x9000);
  CHECK(chip->is_personalised(kPaymentAid));
}

TEST_CASE("a new attempt starts from nothing") {
  const auto chip = blank();
  Dgis dgis = payment_dgis();
  HostSession first(*chip, host_keys());
  REQUIRE(first.open(1) == 0x9000);
  REQUIRE(first.store_dgi(0x9104, dgis[0x9104], false) == 0x9000);
  dgis.erase(0x9104);
  HostSession second(*chip, host_keys());
  REQUIRE(second.open(1) == 0x9000);
  CHECK(second.personalise(dgis) == 0x6A86);
}

TEST_CASE("a personalised application takes no second personalisation") {
  const auto chip = personalised_chip();
  CHECK(personalise(*chip, kPaymentAid, payment_dgis()) == 0x6985);
  CHECK(send(*chip, apdu("80E20000", dgi(0x9010, from_hex("0303")))).status == 0x6985);
  CHECK(send(*chip, apdu("84820100", Bytes(16))).status == 0x6985);
  chip->power_off();
  chip->power_on();
  CHECK(personalise(*chip, kPaymentAid, payment_dgis()) == 0x6985);
  CHECK(personalise(*chip, kDirectoryAid, directory_dgis()) == 0x9000);
}

TEST_CASE("a directory takes records and an FCI alone") {
  const auto refused = [](const Dgis& dgis) {
    Chip chip(chip_config());
    chip.power_on();
    return personalise(chip, kDirectoryAid, dgis);
  };
  Dgis dgis = directory_dgis();
  dgis[0x9104] = payment_dgis()[0x9104];
  CHECK(refused(dgis) == 0x6A88);
  dgis = directory_dgis();
  dgis.erase(0x9102);
  CHECK(refused(dgis) == 0x6A86);
  dgis = directory_dgis();
  dgis.erase(0x0101);
  CHECK(refused(dgis) == 0x6A86);
}

TEST_CASE("GET DATA 00CF gives the key version and KEYDATA before and after personalisation") {
  const auto chip = personalised_chip();
  CHECK(to_hex(send(*chip, from_hex("80CA00CF00")).data) == "CF0B010A0B0C0D0E0F00000001");
  CHECK(to_hex(send(*blank(), from_hex("80CA00CF00")).data) == "CF0B010A0B0C0D0E0F00000001");
}

TEST_CASE("a private exponent and modulus do as well as CRT parts") {
  for (const KeyText* key : {&kKey1184, &kKey1024}) {
    Dgis dgis = payment_dgis();
    for (unsigned id = 0x8201; id <= 0x8205; ++id) dgis.erase(id);
    dgis[0x8101] = from_hex(key->d);
    dgis[0x8103] = from_hex(key->n);
    Chip chip(chip_config());
    chip.power_on();
    CHECK(personalise(chip, kPaymentAid, dgis) == 0x9000);
  }
}

TEST_CASE("CRT parts of whole blocks may come padded all the same") {
  Dgis dgis = payment_dgis();
  add_crt(dgis, 0x8201, kKey1024);
  for (unsigned id = 0x8201; id <= 0x8205; ++id) append(dgis[id], from_hex("8000000000000000"));
  Chip chip(chip_config());
  chip.power_on();
  CHECK(personalise(chip, kPaymentAid, dgis) == 0x9000);
}
