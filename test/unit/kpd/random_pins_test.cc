#include "kpd/keys/random_pins.h"

#include <array>
#include <catch2/catch.hpp>
#include <set>

#include "test/unit/support/test_device.h"

using hsm::Secret;
using kpd::RandomPins;
using kpd::WeakPins;

namespace {

bool is_weak(std::string_view pin, const WeakPins& weak) {
  return kpd::is_weak_pin(Secret(emvcrypto::as_bytes(pin)), weak);
}

}  // namespace

TEST_CASE("random PINs have their length, and every digit is as likely as any other") {
  hsm_test::TestDevice device;
  const WeakPins none;
  constexpr std::size_t kDraws = 2000, kLength = 12;
  RandomPins pins(*device.token, kLength, none);
  std::array<std::array<int, 10>, kLength> seen{};
  for (std::size_t i = 0; i < kDraws; ++i) {
    const Secret pin = pins.draw();
    REQUIRE(pin.size() == kLength);
    for (std::size_t place = 0; place < kLength; ++place) {
      REQUIRE(pin.expose()[place] >= '0');
      REQUIRE(pin.expose()[place] <= '9');
      ++seen[place][pin.expose()[place] - std::size_t{'0'}];
    }
  }
  // Chi-square with 9 degrees of freedom: over 40 is seen once in 100,000 good draws.
  for (const auto& counts : seen) {
    const double expected = kDraws / 10.0;
    double chi_square = 0;
    for (const int count : counts) chi_square += (count - expected) * (count - expected) / expected;
    CHECK(chi_square < 60);
  }
}

TEST_CASE("refused PINs are never drawn") {
  hsm_test::TestDevice device;
  WeakPins weak{.repeats = true, .sequences = true, .list = {}};
  for (int first = 0; first < 9; ++first)
    for (int rest = 0; rest < 1000; ++rest)
      weak.list.push_back(std::to_string(first * 1000 + rest + 10000).substr(1));
  RandomPins pins(*device.token, 4, weak);
  std::set<std::string> drawn;
  for (int i = 0; i < 300; ++i) drawn.insert(std::string(emvcrypto::as_text(pins.draw().expose())));
  CHECK(drawn.size() > 100);
  for (const std::string& pin : drawn) {
    CHECK(pin[0] == '9');
    CHECK_FALSE(is_weak(pin, weak));
  }
}

TEST_CASE("weak PINs are what their rules say") {
  const WeakPins repeats{.repeats = true, .sequences = false, .list = {}};
  const WeakPins sequences{.repeats = false, .sequences = true, .list = {}};
  const WeakPins list{.repeats = false, .sequences = false, .list = {"2580"}};
  CHECK(is_weak("0000", repeats));
  CHECK(is_weak("777777", repeats));
  CHECK_FALSE(is_weak("7778", repeats));
  CHECK_FALSE(is_weak("1234", repeats));
  CHECK(is_weak("1234", sequences));
  CHECK(is_weak("987654", sequences));
  CHECK(is_weak("7890", sequences));
  CHECK(is_weak("2109", sequences));
  CHECK_FALSE(is_weak("1235", sequences));
  CHECK_FALSE(is_weak("0000", sequences));
  CHECK(is_weak("2580", list));
  CHECK_FALSE(is_weak("25800", list));
  CHECK_FALSE(is_weak("0000", WeakPins{}));
}

TEST_CASE("PINs of other lengths are not drawn") {
  hsm_test::TestDevice device;
  const WeakPins none;
  CHECK_THROWS_AS(RandomPins(*device.token, 3, none), std::invalid_argument);
  CHECK_THROWS_AS(RandomPins(*device.token, 13, none), std::invalid_argument);
}
