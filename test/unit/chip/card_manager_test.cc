// The issuer security domain: selection, what it tells, life cycles.
#include "kpd/chip/card_manager.h"

#include <catch2/catch.hpp>

#include "managed_card.h"

using namespace chiptest;
using kpd::chip::Scp03Option;

namespace {

std::string data_of(ManagedCard& card, const char* command) {
  const Reply reply = send(card.chip, from_hex(command));
  CHECK(reply.status == 0x9000);
  return to_hex(reply.data);
}

}  // namespace

TEST_CASE("the issuer security domain is selected by a reset, by its name and by no name") {
  ManagedCard card;
  CHECK(card.host.open(0x01) == 0x9000);
  CHECK(card.host.card_is_genuine());
  for (const char* command :
       {"00A4040008A000000151000000", "00A4040005A000000151", "00A40400", "00A4040000"})
    CHECK(data_of(card, command) == "6F108408A000000151000000A5049F6501FF");
  CHECK(select(card.chip, kPaymentAid).status == 0x6A82);
  CHECK(send(card.chip, from_hex("80F24000024F00")).status == 0x6982);  // no channel any more
}

TEST_CASE("a chip without one answers as it always did") {
  Chip chip(chip_config());
  chip.power_on();
  CHECK(select(chip, kManagerAid).status == 0x6A82);
  CHECK(send(chip, from_hex("00A40400")).status == 0x6700);
  CHECK(send(chip, from_hex("80CA9F7F00")).status == 0x6985);
  CHECK(send(chip, from_hex("80500000080011223344556677")).status == 0x6985);
}

TEST_CASE("outside a channel it tells about the card and does nothing") {
  ManagedCard card;
  CHECK(data_of(card, "80CA006600") ==
        "6630732E06072A864886FC6B01600B06092A864886FC6B020203630906072A864886FC6B03640B06092A"
        "864886FC6B040215");
  CHECK(data_of(card, "80CA00E000") == "E012C00401018010C00402018010C00403018010");
  CHECK(data_of(card, "80CA9F7F00") ==
        "9F7F2A" + std::string(24, '0') + "00000001" + std::string(52, '0'));
  CHECK(data_of(card, "80CA00CF00") == "CF0B010A0B0C0D0E0F00000001");
  CHECK(send(card.chip, from_hex("80CA004500")).status == 0x6A88);
  CHECK(send(card.chip, from_hex("80CA123400")).status == 0x6A88);
  for (const char* command : {"80F28002024F00", "80E40000074F05F04B504450", "80E60C0000",
                              "80D8008101FF", "80F0800700", "80E2800000", "84F28002024F00"})
    CHECK(send(card.chip, from_hex(command)).status == 0x6982);
  CHECK(send(card.chip, from_hex("00B2010C00")).status == 0x6D00);

  ManagedCard aes(managed_config(Scp03Option::i70), aes_host_keys());
  CHECK(data_of(aes, "80CA00E000") == "E012C00401018810C00402018810C00403018810");
  CHECK(data_of(aes, "80CA006600").ends_with("06092A864886FC6B040370"));
}

TEST_CASE("a wrong MAC and a command past the channel end it") {
  ManagedCard card;
  card.opened();
  Bytes command = card.host.channel().wrap(from_hex("80F28002"), from_hex("4F00"));
  command.back() ^= 1;
  CHECK(send(card.chip, command).status == 0x6982);
  CHECK(card.run("80F28002", from_hex("4F00")) == 0x6982);
  card.opened();
  CHECK(send(card.chip, from_hex("80F28002024F00")).status == 0x6982);
  CHECK(card.run("80F28002", from_hex("4F00")) == 0x6982);
}

TEST_CASE("issuer and card numbers are stored, in either form, and told afterwards") {
  ManagedCard card;
  card.opened();
  CHECK(card.run("80E29000", from_hex("4203476173")) == 0x9000);
  CHECK(card.run("80E28000", dgi(0x0070, from_hex("450412345678"))) == 0x9000);
  CHECK(card.run("80E29000", from_hex("9F7F0101")) == 0x6A88);
  CHECK(card.run("80E29000", from_hex("4200")) == 0x6A80);
  CHECK(card.run("80E29000", from_hex("42")) == 0x6A80);
  CHECK(card.run("80E21000", from_hex("42020102")) == 0x6A86);
  CHECK(card.run("80E28000", dgi(0x0071, from_hex("450112"))) == 0x6A88);
  CHECK(card.run("80E28005", dgi(0x0070, from_hex("450112"))) == 0x6A86);
  card.chip.power_on();
  CHECK(data_of(card, "80CA004200") == "4203476173");
  CHECK(data_of(card, "00CA004500") == "450412345678");
}

TEST_CASE("the card's life goes forward, but into and out of the lock") {
  ManagedCard card;
  card.opened();
  const auto set = [&](const char* header) { return card.run(header); };
  CHECK(set("80F0800F") == 0x6985);
  CHECK(set("80F08007") == 0x9000);
  CHECK(set("80F08001") == 0x6985);
  CHECK(set("80F08007") == 0x6985);
  CHECK(set("80F0807F") == 0x6985);
  CHECK(set("80F0800F") == 0x9000);
  CHECK(set("80F08003") == 0x6A86);
  CHECK(set("80F01007") == 0x6A86);
  CHECK(card.run("80E60C00", install_data(kFileModule, kPaymentAid)) == 0x9000);

  CHECK(set("80F0807F") == 0x9000);
  card.chip.power_off();
  card.chip.power_on();
  CHECK(select(card.chip, kPaymentAid).status == 0x6A81);
  CHECK(select(card.chip, kManagerAid).status == 0x6283);
  REQUIRE(card.host.open(0x01) == 0x9000);
  CHECK(card.run("80F28002", from_hex("4F00")) == 0x6985);
  CHECK(card.run("80E40000", concat({from_hex("4F07"), kPaymentAid})) == 0x6985);
  CHECK(card.run("80F04080", kPaymentAid) == 0x6985);
  CHECK(set("80F0800F") == 0x9000);
  CHECK(select(card.chip, kPaymentAid).status == 0x9000);
}

TEST_CASE("a terminated card tells who it was and nothing else") {
  ManagedCard card;
  card.opened();
  CHECK(card.run("80F080FF") == 0x9000);
  card.chip.power_on();
  CHECK(data_of(card, "80CA9F7F00").size() == 90);
  CHECK(data_of(card, "80CA00CF00") == "CF0B010A0B0C0D0E0F00000001");
  CHECK(select(card.chip, kManagerAid).status == 0x6A81);
  CHECK(card.host.initialize().status == 0x6A81);
}

TEST_CASE("a locked application cannot be selected until it is unlocked") {
  ManagedCard card;
  card.opened();
  REQUIRE(card.run("80E60C00", install_data(kFileModule, kPaymentAid)) == 0x9000);
  CHECK(card.run("80F04000", kPaymentAid) == 0x6985);
  CHECK(card.run("80F04080", kPaymentAid) == 0x9000);
  CHECK(card.run("80F04080", kPaymentAid) == 0x6985);
  CHECK(card.run("80F04080", kDirectoryAid) == 0x6A88);
  CHECK(card.run("80E62000", personalise_data(kPaymentAid)) == 0x6985);
  CHECK(to_hex(card.host.run("80F24002", from_hex("4F00")).data).find("9F700187") !=
        std::string::npos);
  CHECK(select(card.chip, kPaymentAid).status == 0x6A82);
  card.chip.power_on();
  CHECK(select(card.chip, kPaymentAid).status == 0x6A82);
  card.opened();
  CHECK(card.run("80F04007", kPaymentAid) == 0x9000);
  CHECK(select(card.chip, kPaymentAid).status == 0x9000);
}

TEST_CASE("a configuration whose AIDs or modules do not fit makes no chip") {
  ChipConfig config = managed_config();
  config.card_manager = from_hex("A0");
  CHECK_THROWS_AS(Chip(std::move(config)), std::invalid_argument);
  config = managed_config();
  config.modules[0].load_file.clear();
  CHECK_THROWS_AS(Chip(std::move(config)), std::invalid_argument);
  config = managed_config();
  config.modules.resize(11, config.modules[0]);
  CHECK_THROWS_AS(Chip(std::move(config)), std::invalid_argument);
}
