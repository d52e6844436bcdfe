// The manufacturer's steps: from a chip that has K(IC) alone to one that its KDC lock.
#include <catch2/catch.hpp>

#include "managed_card.h"

using namespace chiptest;
using kpd::chip::Scp;
using kpd::chip::Scp03Option;

namespace {

const char* const kMakersData = "0A0B0C0D0E0F00000001";
const char* const kKeyData = "541312FFFFFF00C0FFEE";

ChipConfig factory_config(const Scp& scp = kpd::chip::Scp02Option::i15) {
  ChipConfig config = managed_config(scp);
  config.from_factory = true;
  config.instances = chip_config().instances;
  return config;
}

/// STORE DATA of KEYDATA to the security domain.
unsigned write_key_data(ManagedCard& card, const char* key_data = kKeyData) {
  return card.run("80E28000", dgi(0x00CF, from_hex(key_data)));
}

std::string shown(ManagedCard& card) {
  return to_hex(send(card.chip, from_hex("80CA00CF00")).data);
}

/// KEYDATA and key version in the answer to INITIALIZE UPDATE.
std::string diversified_by(ManagedCard& card, ChannelHost& host, const char* header = "80500000") {
  select(card.chip, kManagerAid);
  return to_hex(ByteView(host.initialize(header).data).first(11));
}

}  // namespace

TEST_CASE("a chip from the factory goes through KEYDATA and KDC to its personalisation") {
  const bool aes = GENERATE(false, true);
  ManagedCard card(aes ? factory_config(Scp03Option::i70) : factory_config(),
                   aes ? aes_host_keys() : host_keys());
  ChannelHost issuer(card.chip, other_keys());
  CHECK(shown(card) == std::string("CF0BFF") + kMakersData);

  card.opened(0x03);
  CHECK(write_key_data(card) == 0x9000);
  CHECK(to_hex(card.chip.key_data()) == kKeyData);
  CHECK(card.run("80D80081", aes ? aes_key_data(card.host, 0x01, other_keys())
                                 : des_key_data(card.host, 0x01, other_keys())) == 0x9000);
  // Each set comes with the data that it is derived from.
  CHECK(diversified_by(card, card.host) == std::string(kMakersData) + "FF");
  CHECK(diversified_by(card, issuer, "80500100") == std::string(kKeyData) + "01");
  REQUIRE(issuer.authenticate(0x03) == 0x9000);
  CHECK(issuer.run("80F08007").status == 0x9000);

  card.chip.power_on();
  CHECK(shown(card) == std::string("CF0B01") + kKeyData);
  CHECK(card.host.initialize("8050FF00").status == 0x6A88);
  CHECK(card.host.open(0x01) == 0x6300);
  REQUIRE(issuer.open(0x01) == 0x9000);
  CHECK(issuer.run("80E28000", dgi(0x00CF, from_hex(kMakersData))).status == 0x6985);
  CHECK(select(card.chip, kPaymentAid).status == 0x9000);
  REQUIRE(issuer.open(0x01) == 0x9000);
  CHECK(issuer.personalise(payment_dgis()) == 0x9000);
}

TEST_CASE("in the factory no application takes anything") {
  ManagedCard card(factory_config());
  select(card.chip, kPaymentAid);
  CHECK(card.host.initialize().status == 0x6985);
  card.opened();
  CHECK(card.run("80E62000", personalise_data(kPaymentAid)) == 0x6985);
}

TEST_CASE("KEYDATA is written once, and a chip without it or without KDC does not leave") {
  ManagedCard card(factory_config());
  card.opened();
  CHECK(card.run("80F08007") == 0x6985);
  CHECK(write_key_data(card, "541312FFFFFF00C0FF") == 0x6A80);
  CHECK(write_key_data(card) == 0x9000);
  CHECK(write_key_data(card) == 0x6985);
  CHECK(card.run("80F08007") == 0x6985);
  CHECK(card.run("80D80081", des_key_data(card.host, 0x7F, other_keys())) == 0x9000);

  // Without power in between, what was done stays, and K(IC) opens the rest of the way.
  card.chip.power_off();
  card.chip.power_on();
  CHECK(shown(card) == std::string("CF0BFF") + kKeyData);
  card.opened();
  CHECK(write_key_data(card) == 0x6985);
  CHECK(card.run("80F08007") == 0x9000);
  CHECK(card.run("80F28002", from_hex("4F00")) == 0x6982);  // K(IC) is gone, and its channel
}

TEST_CASE("KDC may take the place of K(IC) at once") {
  ManagedCard card(factory_config());
  card.opened();
  CHECK(card.run("80D8FF81", des_key_data(card.host, 0x01, other_keys())) == 0x9000);
  CHECK(write_key_data(card) == 0x6982);
  ChannelHost issuer(card.chip, other_keys());
  REQUIRE(issuer.open(0x01) == 0x9000);
  CHECK(issuer.run("80D8FF81", des_key_data(issuer, 0x02, other_keys())).status == 0x6A88);
  CHECK(issuer.run("80E28000", dgi(0x00CF, from_hex(kKeyData))).status == 0x9000);
  CHECK(issuer.run("80F08007").status == 0x9000);
  CHECK(issuer
            .run("80F2"
                 "8002",
                 from_hex("4F00"))
            .status == 0x9000);
}

TEST_CASE("other chips know no KEYDATA grouping, and a factory needs a security domain") {
  ManagedCard card;
  card.opened();
  CHECK(write_key_data(card) == 0x6A88);
  ChipConfig config = factory_config();
  config.card_manager.clear();
  config.modules.clear();
  CHECK_THROWS(Chip(std::move(config)));
}
