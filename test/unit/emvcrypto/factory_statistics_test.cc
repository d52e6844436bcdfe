// A modest sample: what a mistake in the generator or in the sieve would show at once.
#include <catch2/catch.hpp>
#include <map>

#include "test/unit/emvcrypto/factory_kit.h"

using namespace emvcrypto;
using test::Big;

namespace {

constexpr std::size_t kPairs = 300;

const std::vector<RsaKeyPair>& sample() {
  static const std::vector<RsaKeyPair> pairs =
      KeyFactory(test::counting_seed(21)).make({512, 3}, kPairs);
  return pairs;
}

std::vector<Big> sample_primes() {
  std::vector<Big> primes;
  for (const RsaKeyPair& pair : sample()) {
    primes.emplace_back(pair.crt.p.expose());
    primes.emplace_back(pair.crt.q.expose());
  }
  return primes;
}

/// Pearson's statistic of the counts against equal shares.
double chi_square(const std::map<unsigned long, int>& counts, std::size_t classes,
                  std::size_t total) {
  const double share = static_cast<double>(total) / static_cast<double>(classes);
  double sum = static_cast<double>(classes - counts.size()) * share;
  for (const auto& [residue, count] : counts) sum += (count - share) * (count - share) / share;
  return sum;
}

}  // namespace

TEST_CASE("no two moduli share a factor") {
  // For all moduli at once: gcd(n, product of the others mod n).
  Big all(1);
  for (const RsaKeyPair& pair : sample()) all = all * Big(pair.public_key.modulus);
  for (const RsaKeyPair& pair : sample()) {
    const Big n(pair.public_key.modulus);
    CHECK(test::gcd(n, all / n) == Big(1));
  }
}

TEST_CASE("every prime of the sample is prime by another library's test") {
  for (const Big& prime : sample_primes()) CHECK(prime.is_prime());
}

TEST_CASE("primes fall evenly into the residues of small numbers") {
  // 99.99 % of chi-square for 3, 7, 3, 5, 9, 11 degrees of freedom.
  const std::map<unsigned long, std::pair<std::size_t, double>> allowed{
      {8, {4, 21.1}}, {5, {4, 21.1}}, {7, {6, 25.8}}, {11, {10, 33.7}}, {13, {12, 37.4}}};
  for (const auto& [modulus, limit] : allowed) {
    std::map<unsigned long, int> counts;
    for (const Big& prime : sample_primes()) ++counts[mpz_fdiv_ui(prime.z, modulus)];
    CHECK(counts.count(0) == 0);
    INFO("modulo " << modulus);
    CHECK(chi_square(counts, limit.first, 2 * kPairs) < limit.second);
  }
}

TEST_CASE("primes spread over the whole range from the square root of two up") {
  std::map<unsigned long, int> eighths;
  const Big low(0xB504F334UL);
  const Big high(1UL << 32);
  for (const Big& prime : sample_primes()) {
    const Big leading = prime / test::power_of_two(224);
    ++eighths[mpz_get_ui(((leading - low) * Big(8) / (high - low)).z)];
  }
  CHECK(chi_square(eighths, 8, 2 * kPairs) < 29.9);
}

TEST_CASE("p and q of one pair are no neighbours") {
  for (const RsaKeyPair& pair : sample()) {
    const Big difference = Big(pair.crt.p.expose()) - Big(pair.crt.q.expose());
    CHECK(difference.bits() > 230);  // 2^-25 by chance
  }
}
