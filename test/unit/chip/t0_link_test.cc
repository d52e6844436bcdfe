// What T=0 asks of a card: 61xx and GET RESPONSE, 6Cxx.
#include "kpd/chip/t0_link.h"

#include <catch2/catch.hpp>

#include "sample_card.h"

using namespace chiptest;
using kpd::chip::offers_only_t0;

namespace {

/// A card with an ATR of T=0.
std::unique_ptr<Chip> t0_card() {
  ChipConfig config = chip_config();
  config.atr = from_hex("3B600000");
  auto chip = std::make_unique<Chip>(std::move(config));
  chip->power_on();
  return chip;
}

std::string answer(Chip& chip, const char* command) {
  return to_hex(chip.transmit(from_hex(command)));
}

}  // namespace

TEST_CASE("an ATR without TD1 offers T=0 alone") {
  CHECK(offers_only_t0(from_hex("3B600000")));
  CHECK_FALSE(offers_only_t0(from_hex("3BE000008131FE45EB")));
  CHECK_FALSE(offers_only_t0({}));
}

TEST_CASE("an answer to a command with data waits for GET RESPONSE") {
  const auto chip = t0_card();
  const std::string fci =
      to_hex(make_tlv(0x6F, concat({make_tlv(0x84, kPaymentAid), make_tlv(0xA5, {})})));
  CHECK(answer(*chip, "00A4040007F04B5044000001") == "610D");
  CHECK(answer(*chip, "00C000000E") == "6C0D");
  CHECK(answer(*chip, "00C0000000") == "6C0D");
  CHECK(answer(*chip, "00C0000003") == fci.substr(0, 6) + "610A");
  CHECK(answer(*chip, "00C000000A") == fci.substr(6) + "9000");
  CHECK(answer(*chip, "00C000000A") == "6985");
  CHECK(answer(*chip, "00A4040007F04B504400000100") == "610D");  // Le does not come over the link
  CHECK(answer(*chip, "80CA00CF0D") != "6985");
  CHECK(answer(*chip, "00C000000D") == "6985");  // another command came between
  CHECK(answer(*chip, "00A4040007F04B5044000001") == "610D");
  chip->warm_reset();
  CHECK(answer(*chip, "00C000000D") == "6985");
}

TEST_CASE("a command that asks for another length is told the right one") {
  const auto chip = t0_card();
  const std::string key_data = "CF0B010A0B0C0D0E0F000000019000";
  CHECK(answer(*chip, "80CA00CF00") == "6C0D");
  CHECK(answer(*chip, "80CA00CF") == "6C0D");
  CHECK(answer(*chip, "80CA00CF0D") == key_data);
  CHECK(answer(*chip, "80CA00CF0E") == "6C0D");
  CHECK(answer(*chip, "80CA") == "6700");
  CHECK(answer(*chip, "00A4040009F04B5044000001") == "6700");
  CHECK(answer(*chip, "00A4040003F04B51") == "6A82");
}
