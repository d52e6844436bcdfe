#include <catch2/catch.hpp>

#include "emvcrypto/factory/lane_engine.h"
#include "emvcrypto/factory/prime_rules.h"
#include "emvcrypto/factory/random_stream.h"
#include "emvcrypto/factory/secret_arithmetic.h"
#include "test/unit/emvcrypto/factory_kit.h"

using namespace emvcrypto;
using namespace emvcrypto::factory;
using test::Big;

namespace {

std::vector<std::unique_ptr<LaneEngine>> engines(unsigned bits) {
  std::vector<std::unique_ptr<LaneEngine>> all;
  for (const FactoryPath path : test::paths()) all.push_back(make_engine(path, bits));
  return all;
}

/// All sizes of primes, and with them every number of limbs of each radix.
const std::vector<unsigned> kSizes = [] {
  std::vector<unsigned> sizes;
  for (unsigned bits = 256; bits <= 1024; bits += 4) sizes.push_back(bits);
  return sizes;
}();

struct Operands {
  LaneNumbers modulus{}, a{}, b{};
};

/// Random numbers, and in some lanes 0, 1, n - 1, limbs all ones; moduli that are the largest, the
/// least, 2^bits - 2^52 + 1 and 2^bits - 2^28 + 1: limbs all ones in every radix.
Operands operands(unsigned bits, RandomStream& random) {
  Operands all;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    Number& n = all.modulus[lane];
    random.draw(n, bits);
    n[0] |= 1;
    n[(bits - 1) / 64] |= std::uint64_t{1} << ((bits - 1) % 64);
    random.draw_below(all.a[lane], n, bits);
    random.draw_below(all.b[lane], n, bits);
  }
  const Big top = test::power_of_two(bits);
  all.modulus[0] = (top - Big(1)).number();
  all.modulus[1] = (test::power_of_two(bits - 1) + Big(1)).number();
  all.modulus[2] = (top - test::power_of_two(52) + Big(1)).number();
  all.modulus[7] = (top - test::power_of_two(28) + Big(1)).number();
  for (const std::size_t lane : {0, 1, 2, 7}) {
    all.a[lane] = (Big(all.modulus[lane]) - Big(1)).number();
    all.b[lane] = lane == 1 ? all.a[lane] : (test::power_of_two(bits - 1) - Big(1)).number();
  }
  all.a[3] = {};
  all.b[4] = {};
  all.a[5] = Number{1};
  all.b[6] = Number{1};
  return all;
}

}  // namespace

TEST_CASE("each path multiplies modulo a number as GMP does, at the edges too") {
  RandomStream random(test::counting_seed(1));
  for (const unsigned bits : kSizes) {
    const Operands in = operands(bits, random);
    for (const auto& engine : engines(bits)) {
      LaneNumbers results;
      engine->multiply(in.modulus, in.a, in.b, results);
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        INFO(bits << " bits, lane " << lane);
        CHECK(Big(results[lane]) == Big(in.a[lane]) * Big(in.b[lane]) % Big(in.modulus[lane]));
      }
    }
  }
}

TEST_CASE("each path raises to secret powers as GMP does, at the edges too") {
  RandomStream random(test::counting_seed(2));
  for (const unsigned bits : kSizes) {
    Operands in = operands(bits, random);
    in.b[6] = (test::power_of_two(bits) - Big(1)).number();  // the longest exponent
    for (const auto& engine : engines(bits)) {
      LaneNumbers results;
      engine->power(in.modulus, in.a, in.b, results);
      for (std::size_t lane = 0; lane < kLanes; ++lane) {
        INFO(bits << " bits, lane " << lane);
        CHECK(Big(results[lane]) ==
              test::power(Big(in.a[lane]), Big(in.b[lane]), Big(in.modulus[lane])));
      }
    }
  }
}

TEST_CASE("each path tells primes from composites, whatever power of two n - 1 has") {
  RandomStream random(test::counting_seed(3));
  for (const unsigned bits : {256U, 312U, 576U, 1024U}) {
    LaneNumbers candidates{};
    LaneNumbers bases{};
    unsigned primes = 0;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      // h * 2^twos + 1 with twos from 1 to 14; every other lane is moved to a prime.
      const unsigned twos = static_cast<unsigned>(1 + 13 * lane / 7);
      Number& n = candidates[lane];
      random.draw(n, bits - 1);
      n[(bits - 1) / 64] |= std::uint64_t{1} << ((bits - 1) % 64);
      Big value =
          (Big(n) / test::power_of_two(twos + 1) * Big(2) + Big(1)) * test::power_of_two(twos) +
          Big(1);
      while (lane % 2 == 0 && !value.is_prime()) value = value + test::power_of_two(twos + 1);
      n = value.number();
      primes |= static_cast<unsigned>(value.is_prime()) << lane;
      random.draw_below(bases[lane], n, bits);
    }
    for (const auto& engine : engines(bits)) {
      CHECK(engine->passes_base_two(candidates) == primes);
      CHECK(engine->passes_base(candidates, bases) == primes);
    }
  }
}

TEST_CASE("what is a strong pseudoprime to base two is found out by random bases") {
  RandomStream random(test::counting_seed(4));
  for (const unsigned exponent : {257U, 577U, 1021U}) {
    // (2^p + 1) / 3 for a prime p: 2^p is -1 modulo it, and p divides its (n - 1) / 2.
    const Big n = (test::power_of_two(exponent) + Big(1)) / Big(3);
    REQUIRE_FALSE(n.is_prime());
    const unsigned bits = exponent - 1;
    REQUIRE(n.bits() == bits);
    LaneNumbers candidates{};
    LaneNumbers bases{};
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      candidates[lane] = n.number();
      random.draw_below(bases[lane], candidates[lane], bits);
    }
    for (const auto& engine : engines(bits)) {
      CHECK(engine->passes_base_two(candidates) == 0xFF);
      CHECK(engine->passes_base(candidates, bases) == 0);
    }
  }
}

TEST_CASE("the odd part of n - 1 and its powers of two") {
  for (const unsigned twos : {1U, 2U, 15U, 16U, 17U, 70U}) {
    const Big n = Big(12345677) * test::power_of_two(twos) + Big(1);
    Number odd{};
    const OddPart part = odd_part(n.number(), 4, odd);
    CHECK(part.twos == std::min(twos, kMaxTwos));
    CHECK(part.whole == (twos <= kMaxTwos ? ~std::uint64_t{0} : 0));
    CHECK(Big(odd) == (n - Big(1)) / test::power_of_two(std::min(twos, kMaxTwos)));
  }
}

TEST_CASE("CRT exponents are inverses of the public exponent") {
  RandomStream random(test::counting_seed(5));
  for (const unsigned exponent : {3U, 65537U}) {
    for (int i = 0; i < 50; ++i) {
      Number prime{};
      random.draw(prime, 1024);
      prime[0] |= 1;
      const Big less = Big(prime) - Big(1);
      if (less % Big(exponent) == Big(0)) continue;
      Number inverse{};
      crt_exponent(inverse, prime, exponent);
      CHECK(Big(inverse) < less);
      CHECK(Big(inverse) * Big(exponent) % less == Big(1));
    }
  }
}

TEST_CASE("secret numbers are compared, subtracted and exchanged") {
  Number a{7, 9};
  Number b{8, 9};
  Number difference{};
  CHECK(subtract(difference, b, a) == 0);
  CHECK(difference == Number{1});
  CHECK(subtract(difference, a, b) == 1);
  add_where(mask_of(0), difference, b);
  add_where(mask_of(1), difference, Number{5});
  CHECK(difference == Number{4});
  put_larger_first(a, b);
  CHECK(a[0] == 8);
  put_larger_first(a, b);
  CHECK(a[0] == 8);
  CHECK(reaches(Number{0, 4}, 66) == 1);
  CHECK(reaches(Number{0, 4}, 67) == 0);
  CHECK(equal(sum_of(a, b), sum_of(b, a)) == 1);
  CHECK(equal(sum_of(a, b), sum_of(a, a)) == 0);
}
