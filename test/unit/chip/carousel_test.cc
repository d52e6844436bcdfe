#include "kpd/chip/carousel.h"

#include <catch2/catch.hpp>

#include "sample_card.h"

using namespace chiptest;
using kpd::chip::Carousel;
using kpd::chip::CarouselConfig;

namespace {

CarouselConfig carousel_config(std::size_t count) {
  CarouselConfig config;
  config.model = chip_config();
  config.kmc_id = from_hex("0A0B0C0D0E0F");
  config.first_serial = 0x1000;
  config.count = count;
  config.keys = [](ByteView) { return chip_config().keys; };
  return config;
}

std::string serial(ChipPort& port) {
  return to_hex(send(port, from_hex("80CA00CF00")).data).substr(18);
}

}  // namespace

TEST_CASE("a carousel presents the next chip at each cold power-on, the same on a warm reset") {
  Carousel carousel(carousel_config(3));
  CHECK_FALSE(carousel.atr().empty());
  CHECK(carousel.warm_reset().empty());
  CHECK_FALSE(carousel.power_on().empty());
  CHECK(serial(carousel) == "00001000");
  CHECK_FALSE(carousel.warm_reset().empty());
  CHECK(serial(carousel) == "00001000");
  carousel.power_off();
  CHECK(carousel.transmit(from_hex("80CA00CF00")).empty());
  carousel.power_on();
  CHECK(serial(carousel) == "00001001");
  carousel.power_on();
  CHECK(serial(carousel) == "00001002");
  CHECK(carousel.presented() == 3);
  carousel.power_off();
  CHECK(carousel.atr().empty());
  CHECK(carousel.power_on().empty());
}

TEST_CASE("each chip of a carousel has the keys of its own KEYDATA") {
  CarouselConfig config = carousel_config(2);
  std::vector<std::string> asked;
  config.keys = [&](ByteView key_data) {
    asked.push_back(to_hex(key_data));
    return chip_config().keys;
  };
  Carousel carousel(std::move(config));
  carousel.power_on();
  carousel.power_on();
  CHECK(asked == std::vector<std::string>{"0A0B0C0D0E0F00001000", "0A0B0C0D0E0F00001001"});
}

TEST_CASE("a carousel can keep a chip until it was used") {
  CarouselConfig config = carousel_config(2);
  config.skip_unused = false;
  Carousel carousel(std::move(config));
  carousel.power_on();
  carousel.power_off();
  carousel.power_on();
  CHECK(serial(carousel) == "00001000");
  carousel.power_on();
  CHECK(serial(carousel) == "00001001");
}

TEST_CASE("finished chips can be presented again, or are let go") {
  Carousel kept(carousel_config(2));
  kept.power_on();
  REQUIRE(personalise(kept, kPaymentAid, payment_dgis()) == 0x9000);
  kept.power_on();
  CHECK_FALSE(kept.chip(1)->is_personalised(kPaymentAid));
  kept.rewind();
  kept.power_on();
  CHECK(kept.chip(0)->is_personalised(kPaymentAid));
  CHECK(select(kept, kPaymentAid).status == 0x9000);

  CarouselConfig config = carousel_config(2);
  config.keep_finished = false;
  Carousel passing(std::move(config));
  passing.power_on();
  passing.power_on();
  CHECK(passing.chip(0) == nullptr);
  CHECK(passing.chip(1) != nullptr);
  CHECK_THROWS_AS(passing.rewind(), std::logic_error);
}

TEST_CASE("an endless carousel begins again with its first chip") {
  CarouselConfig config = carousel_config(2);
  config.endless = true;
  Carousel carousel(std::move(config));
  for (const char* expected : {"00001000", "00001001", "00001000", "00001001"}) {
    carousel.power_on();
    CHECK(serial(carousel) == expected);
    carousel.power_off();
    CHECK_FALSE(carousel.atr().empty());
  }
}

TEST_CASE("a carousel without KMCID or keys is refused") {
  CarouselConfig no_id = carousel_config(1);
  no_id.kmc_id.pop_back();
  CHECK_THROWS_AS(Carousel(std::move(no_id)), std::invalid_argument);
  CarouselConfig no_keys = carousel_config(1);
  no_keys.keys = nullptr;
  CHECK_THROWS_AS(Carousel(std::move(no_keys)), std::invalid_argument);
}
