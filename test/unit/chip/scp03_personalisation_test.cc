// Personalisation of chips that speak SCP03.
#include <catch2/catch.hpp>

#include "channel_host.h"
#include "sample_card.h"

using namespace chiptest;
using kpd::chip::Scp03Option;

namespace {

HostKeys aes_keys(std::size_t size = 16) {
  return {Bytes(size, 0xE1), Bytes(size, 0xE2), Bytes(size, 0xE3)};
}

ChipConfig aes_config(Scp03Option option = Scp03Option::i70, std::size_t size = 16) {
  ChipConfig config = chip_config();
  const HostKeys keys = aes_keys(size);
  config.scp = option;
  config.keys = {emvcrypto::Secret(keys.enc), emvcrypto::Secret(keys.mac),
                 emvcrypto::Secret(keys.dek)};
  return config;
}

/// A powered chip with the payment instance selected.
std::unique_ptr<Chip> blank(ChipConfig config = aes_config()) {
  auto chip = std::make_unique<Chip>(std::move(config));
  chip->power_on();
  REQUIRE(select(*chip, kPaymentAid).status == 0x9000);
  return chip;
}

}  // namespace

TEST_CASE("a blank chip takes personalisation through SCP03 at every level, with every key size") {
  for (const std::uint8_t level : {0x00, 0x01, 0x03, 0x11, 0x13, 0x33})
    for (const std::size_t size : {16U, 24U, 32U}) {
      CAPTURE(level, size);
      const auto chip = blank(aes_config(Scp03Option::i60, size));
      ChannelHost host(*chip, aes_keys(size));
      REQUIRE(host.open(level) == 0x9000);
      CHECK(host.card_is_genuine());
      CHECK(host.personalise(payment_dgis()) == 0x9000);
      CHECK(chip->is_personalised(kPaymentAid));
      // The channel ended with the last block.
      CHECK(send(*chip, from_hex("80E2000000")).status == 0x6985);
      // The PIN arrived without its padding.
      select(*chip, kPaymentAid);
      CHECK(send(*chip, apdu("00200080", kPinBlock)).status == 0x9000);
    }
}

TEST_CASE("INITIALIZE UPDATE tells protocol 03, its option and a derived challenge's counter") {
  const auto chip = blank();
  ChannelHost host(*chip, aes_keys());
  const Reply first = host.initialize();
  REQUIRE(first.data.size() == 32);
  CHECK(to_hex(ByteView(first.data).first(13)) == "0A0B0C0D0E0F00000001010370");
  CHECK(to_hex(ByteView(first.data).last(3)) == "000000");
  CHECK(to_hex(ByteView(first.data).subspan(13, 8)) ==
        to_hex(emvcrypto::scp03_card_challenge(*emvcrypto::make_aes(aes_keys().enc), Bytes(3),
                                               kPaymentAid)));
  CHECK(host.initialize().data == first.data);  // nothing was opened yet
  CHECK(host.authenticate(0x01) == 0x9000);
  chip->power_off();
  chip->power_on();
  select(*chip, kPaymentAid);
  CHECK(to_hex(ByteView(host.initialize().data).last(3)) == "000001");

  const auto random = blank(aes_config(Scp03Option::i60));
  CHECK(ChannelHost(*random, aes_keys()).initialize().data.size() == 29);
}

TEST_CASE("a counter of three bytes ends channels when it is used up") {
  ChipConfig config = aes_config();
  config.sequence_counter = 0xFFFFFE;
  const auto chip = blank(std::move(config));
  ChannelHost host(*chip, aes_keys());
  REQUIRE(host.open(0x01) == 0x9000);
  CHECK(host.initialize().status == 0x6985);
}

TEST_CASE("a wrong MAC, a class in clear and a level beyond the option end the session") {
  const auto chip = blank(aes_config(Scp03Option::i10));
  ChannelHost host(*chip, aes_keys());
  REQUIRE(host.open(0x01) == 0x9000);
  Bytes command = host.channel().wrap(from_hex("80E20000"), dgi(0x9010, from_hex("0303")));
  command.back() ^= 0x01;
  CHECK(send(*chip, command).status == 0x6982);
  command.back() ^= 0x01;
  CHECK(send(*chip, command).status == 0x6982);

  REQUIRE(host.open(0x03) == 0x9000);
  CHECK(send(*chip, apdu("80E20000", dgi(0x9010, from_hex("0303")))).status == 0x6982);
  CHECK(host.run("80E20000", dgi(0x9010, from_hex("0303"))).status == 0x6982);

  REQUIRE(host.initialize().status == 0x9000);
  CHECK(send(*chip, apdu("84823300", Bytes(16))).status == 0x6A86);
}

TEST_CASE("under AES a secret is whole blocks, and a PIN block comes padded") {
  const auto chip = blank();
  ChannelHost host(*chip, aes_keys());
  REQUIRE(host.open(0x33) == 0x9000);
  const auto store = [&](unsigned id, const Bytes& enciphered) {
    return host.store(0x60, dgi(id, enciphered));
  };
  Bytes keys = host.encipher(concat({kAcKey, kSmiKey, kSmcKey}));
  CHECK(keys.size() == 48);
  CHECK(store(0x8000, keys) == 0x9000);
  keys.resize(40);
  CHECK(store(0x8000, keys) == 0x6A80);
  CHECK(store(0x8010, host.encipher(kPinBlock)) == 0x9000);
  CHECK(store(0x8010, host.encipher(concat({kPinBlock, kPinBlock}))) == 0x6A80);
  CHECK(store(0x8010, host.encipher(concat({kPinBlock, Bytes(8)}))) == 0x6A80);
  CHECK(store(0xA006, host.encipher(kNumberKey)) == 0x9000);
  CHECK(host.store(0x00, dgi(0x8010, kPinBlock)) == 0x6982);
}

TEST_CASE("a chip whose keys do not fit its protocol is not made") {
  ChipConfig config = aes_config();
  config.scp = kpd::chip::Scp02Option::i15;
  CHECK_NOTHROW(Chip(aes_config(Scp03Option::i00, 24)));
  config.keys.mac = emvcrypto::Secret(24);
  CHECK_THROWS_AS(Chip(std::move(config)), std::invalid_argument);
  CHECK_THROWS_AS(Chip(aes_config(Scp03Option::i00, 20)), std::invalid_argument);
  ChipConfig mixed = aes_config(Scp03Option::i00, 32);
  mixed.keys.dek = emvcrypto::Secret(16);
  CHECK_THROWS_AS(Chip(std::move(mixed)), std::invalid_argument);
}
