#include <catch2/catch.hpp>
#include <map>
#include <stdexcept>

#include "emvcrypto/factory/prime_rules.h"
#include "emvcrypto/factory/sieve.h"
#include "test/unit/emvcrypto/factory_kit.h"

using namespace emvcrypto;
using namespace emvcrypto::factory;
using test::Big;

TEST_CASE("rounds of the strong test keep the error below 2^-100, and none is wasted") {
  const std::map<unsigned, unsigned> table{{256, 19}, {288, 16}, {320, 14}, {352, 13}, {384, 12},
                                           {448, 10}, {512, 9},  {576, 8},  {640, 7},  {704, 6},
                                           {768, 6},  {832, 5},  {960, 5},  {1024, 4}};
  for (const auto& [bits, rounds] : table) {
    CHECK(strong_test_rounds(bits) == rounds);
    CHECK(log2_error_bound(bits, rounds) < -100);
    CHECK(log2_error_bound(bits, rounds - 1) >= -100);
    CHECK(rounds >= 3);
    CHECK(rounds * 9 <= bits);  // where the bound holds
  }
}

TEST_CASE("the least candidate is the square root of two, times a power of two, rounded up") {
  const Big least(kLeastLeadingLimb);
  const Big two_to_127 = test::power_of_two(127);
  CHECK(two_to_127 < least * least);
  CHECK((least - Big(1)) * (least - Big(1)) < two_to_127);
}

TEST_CASE("a window gives exactly the candidates without small factors and with a fit exponent") {
  RandomStream random(test::counting_seed(7));
  for (const unsigned exponent : {3U, 65537U}) {
    for (const unsigned bits : {256U, 700U}) {
      const SieveTable table(bits, exponent);
      Number start{};
      random.draw(start, bits);
      start[0] |= 1;
      std::vector<std::uint8_t> composite(window_length(bits) + 1);
      table.mark(start, composite.data());
      Big small(1);
      mpz_primorial_ui(small.z, kSieveLimit - 1);
      if (exponent == 65537) small = small * Big(65537);
      std::size_t wrong = 0;
      for (unsigned j = 0; j < window_length(bits); ++j) {
        const Big candidate = Big(start) + Big(2UL * j);
        const bool left =
            test::gcd(candidate, small) == Big(1) && !(candidate % Big(exponent) == Big(1));
        wrong += left == (composite[j] != 0);
      }
      CHECK(wrong == 0);
    }
  }
}

TEST_CASE("an opened window hands out its candidates once, in order, all in the range") {
  RandomStream random(test::counting_seed(8));
  for (const unsigned bits : {260U, 576U, 1020U}) {
    const SieveTable table(bits, 3);
    Window window(table);
    window.open(random);
    Big last(0);
    std::size_t count = 0;
    Number candidate{};
    for (; window.next(candidate); ++count) {
      const Big value(candidate);
      CHECK(last < value);
      CHECK(value.bits() == bits);
      CHECK(test::power_of_two(2 * bits - 1) < value * value);
      CHECK(value % Big(3) == Big(2));
      last = value;
    }
    CHECK(count > 20);
    CHECK_FALSE(window.next(candidate));
  }
}

TEST_CASE("random numbers below a limit are spread over the whole of it") {
  RandomStream random(test::counting_seed(9));
  Number limit{};
  limit[4] = 3;  // 258 bits: a third of the draws in each part
  std::map<std::uint64_t, int> parts;
  for (int i = 0; i < 3000; ++i) {
    Number number{};
    random.draw_below(number, limit, 258);
    ++parts[number[4]];
  }
  REQUIRE(parts.size() == 3);
  for (const auto& [part, count] : parts) CHECK(std::abs(count - 1000) < 150);
}

TEST_CASE("the generator asks for seed at first and again as it goes on") {
  std::vector<std::size_t> asked;
  RandomStream random([&](MutableBytes out) {
    asked.push_back(out.size());
    std::fill(out.begin(), out.end(), static_cast<std::uint8_t>(asked.size()));
  });
  CHECK(asked == std::vector<std::size_t>{48});
  Number number{};
  for (int i = 0; i < 10000; ++i) random.draw(number, 1024);  // 1.2 MiB
  CHECK(asked == std::vector<std::size_t>{48, 32});
}
