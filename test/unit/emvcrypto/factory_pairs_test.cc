#include <catch2/catch.hpp>
#include <stdexcept>

#include "test/unit/emvcrypto/factory_kit.h"

using namespace emvcrypto;
using test::Big;

namespace {

Big number(const Secret& part) {
  return Big(part.expose());
}

/// All that a pair must be, computed again by GMP.
void require_exact(const RsaKeyPair& pair, const RsaShape& shape) {
  const unsigned k = shape.bits / 2;
  const Big n(pair.public_key.modulus);
  const Big e(pair.public_key.exponent);
  const Big p = number(pair.crt.p);
  const Big q = number(pair.crt.q);
  const Big one(1);
  REQUIRE(pair.public_key.modulus.size() == shape.bits / 8);
  REQUIRE(n.bits() == shape.bits);
  REQUIRE(e == Big(shape.exponent));
  REQUIRE(p * q == n);
  REQUIRE(q < p);
  REQUIRE(test::power_of_two(k - 100) < p - q);
  for (const Big& prime : {p, q}) {
    REQUIRE(prime.is_prime());  // by another method: Baillie-PSW first
    REQUIRE(prime.bits() == k);
    REQUIRE(test::power_of_two(2 * k - 1) < prime * prime);
    REQUIRE(test::gcd(prime - one, e) == one);
  }
  REQUIRE(number(pair.crt.dp) * e % (p - one) == one);
  REQUIRE(number(pair.crt.dq) * e % (q - one) == one);
  REQUIRE(number(pair.crt.dp) < p);
  REQUIRE(number(pair.crt.dq) < q);
  REQUIRE(number(pair.crt.qinv) < p);
  REQUIRE(number(pair.crt.qinv) * q % p == one);
  const Big lambda = (p - one) * (q - one) / test::gcd(p - one, q - one);
  Big d;
  REQUIRE(mpz_invert(d.z, e.z, lambda.z) != 0);
  REQUIRE(test::power_of_two(k) < d);
  for (const Secret* part : {&pair.crt.p, &pair.crt.q, &pair.crt.dp, &pair.crt.dq, &pair.crt.qinv})
    REQUIRE(part->size() == (shape.bits / 8 + 1) / 2);
}

void keep(const std::vector<RsaKeyPair>& pairs, std::vector<Big>& primes) {
  for (const RsaKeyPair& pair : pairs) {
    primes.push_back(number(pair.crt.p));
    primes.push_back(number(pair.crt.q));
  }
}

}  // namespace

TEST_CASE("pairs of every kind of length are exact on each path") {
  for (const FactoryPath path : test::paths()) {
    KeyFactory factory(test::counting_seed(11), path);
    REQUIRE(factory.path() == path);
    for (const unsigned bits : {512U, 520U, 576U, 744U, 1024U, 1152U, 1408U, 1976U, 1984U, 2048U}) {
      for (const unsigned exponent : {3U, 65537U}) {
        if (path == FactoryPath::portable && bits > 1152 && exponent == 3) continue;
        const RsaShape shape{bits, exponent};
        INFO(bits << " bits, e = " << exponent);
        const auto pairs = factory.make(shape, 1);
        REQUIRE(pairs.size() == 1);
        require_exact(pairs.front(), shape);
      }
    }
  }
}

TEST_CASE("pairs of every length are exact", "[slow]") {
  KeyFactory factory(test::counting_seed(17));
  for (unsigned bits = 512; bits <= 2048; bits += 8) {
    const RsaShape shape{bits, 65537};
    INFO(bits << " bits");
    require_exact(factory.make(shape, 1).front(), shape);
  }
}

TEST_CASE("every path makes the same pairs of the same seed") {
  const RsaShape shapes[] = {{768, 3}, {760, 65537, true}, {768, 3}};
  std::vector<std::vector<RsaKeyPair>> made;
  for (const FactoryPath path : test::paths()) {
    KeyFactory factory(test::counting_seed(12), path);
    auto& pairs = made.emplace_back();
    for (const RsaShape& shape : shapes)
      for (RsaKeyPair& pair : factory.make(shape, 6)) pairs.push_back(std::move(pair));
  }
  for (const auto& pairs : made) {
    REQUIRE(pairs.size() == 18);
    for (std::size_t i = 0; i < pairs.size(); ++i) {
      CHECK(pairs[i].public_key == made.front()[i].public_key);
      CHECK(pairs[i].crt.p.equals(made.front()[i].crt.p));
      CHECK(pairs[i].crt.qinv.equals(made.front()[i].crt.qinv));
    }
  }
}

TEST_CASE("a pair signs and its signature is recovered") {
  KeyFactory factory(test::counting_seed(13));
  const RsaKeyPair pair = std::move(factory.make({1152, 65537}, 1).front());
  const auto signer = make_rsa_signer(pair.public_key, pair.crt);
  const std::vector<Bytes> blocks{Bytes(pair.public_key.size(), 0x6A)};
  CHECK(rsa_recover(pair.public_key, signer->sign_raw(blocks).front()) == blocks.front());
}

TEST_CASE("full parts begin with no zero byte, whatever the length") {
  KeyFactory factory(test::counting_seed(14));
  for (const unsigned bits : {512U, 520U}) {
    for (const RsaKeyPair& pair : factory.make({bits, 65537, true}, 40)) {
      CHECK(pair.crt.dp.expose()[0] != 0);
      CHECK(pair.crt.dq.expose()[0] != 0);
      CHECK(pair.crt.qinv.expose()[0] != 0);
    }
  }
  std::size_t short_parts = 0;
  for (const RsaKeyPair& pair : factory.make({520, 65537}, 40))
    short_parts += pair.crt.dp.expose()[0] == 0 || pair.crt.qinv.expose()[0] == 0;
  CHECK(short_parts > 0);  // so the wish above did something
}

TEST_CASE("a shape that the factory does not make is refused") {
  KeyFactory factory(test::counting_seed(15));
  CHECK_THROWS_AS(factory.make({504, 3}, 1), std::invalid_argument);
  CHECK_THROWS_AS(factory.make({2056, 3}, 1), std::invalid_argument);
  CHECK_THROWS_AS(factory.make({1028, 3}, 1), std::invalid_argument);
  CHECK_THROWS_AS(factory.make({1024, 17}, 1), std::invalid_argument);
  CHECK(factory.make({1024, 3}, 0).empty());
}

TEST_CASE("a seed source that fails stops the call, and no prime is ever used twice after it") {
  int calls = 0;
  auto seed = test::counting_seed(16);
  KeyFactory factory([&](MutableBytes out) {
    if (++calls % 2 == 0) throw std::runtime_error("device gone");
    seed(out);
  });
  std::vector<Big> primes;
  bool failed = false;
  for (int i = 0; i < 100 && !failed; ++i) {
    try {
      keep(factory.make({512, 3}, 24), primes);
    } catch (const std::runtime_error& error) {
      CHECK(error.what() == std::string("device gone"));
      failed = true;
    }
  }
  CHECK(failed);
  keep(factory.make({512, 3}, 24), primes);
  std::sort(primes.begin(), primes.end());
  CHECK(std::adjacent_find(primes.begin(), primes.end()) == primes.end());
}
