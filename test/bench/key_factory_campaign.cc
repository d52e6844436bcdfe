#include "test/bench/key_factory_campaign.h"

#include <gmpxx.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "test/bench/batch_gcd.h"

namespace {

using emvcrypto::Bytes;
using emvcrypto::Secret;

constexpr std::size_t kProvedOf = 20;  // each prime of one pair in so many is proved again
constexpr std::size_t kParts = 64;

mpz_class number(const Secret& part) {
  mpz_class value;
  mpz_import(value.get_mpz_t(), part.size(), 1, 1, 0, 0, part.expose().data());
  return value;
}

/// How far counts are from equal shares: chi-square as standard deviations of a normal
/// distribution (E. Wilson, M. Hilferty, 1931).
double deviation(const std::vector<std::size_t>& counts, std::size_t classes) {
  double total = 0;
  for (const std::size_t count : counts) total += static_cast<double>(count);
  const double share = total / static_cast<double>(classes);
  double sum = 0;
  for (const std::size_t count : counts) {
    const double off = static_cast<double>(count) - share;
    if (count > 0 || classes == counts.size()) sum += off * off / share;
  }
  const double freedom = static_cast<double>(classes) - 1;
  const double spread = 2 / (9 * freedom);
  return (std::cbrt(sum / freedom) - 1 + spread) / std::sqrt(spread);
}

/// Counts of what the primes are modulo small numbers, and in which part of their range.
class Statistics {
 public:
  void add(const mpz_class& prime, unsigned bits) {
    for (std::size_t i = 0; i < kModuli.size(); ++i)
      ++residues_[i][mpz_fdiv_ui(prime.get_mpz_t(), kModuli[i])];
    const mpz_class leading = prime >> (bits - 32);
    const double part = (leading.get_d() / 4294967296.0 - M_SQRT1_2) / (1 - M_SQRT1_2);
    ++parts_[std::min(kParts - 1, static_cast<std::size_t>(part * kParts))];
  }

  bool print(unsigned exponent) const {
    bool well = true;
    for (std::size_t i = 0; i < kModuli.size(); ++i) {
      if (kModuli[i] == exponent) continue;
      const double off = deviation(residues_[i], kModuli[i] == 8 ? 4 : kModuli[i] - 1);
      std::printf("  residues modulo %2lu: %+.2f standard deviations\n", kModuli[i], off);
      well = well && off < 5;
    }
    const double off = deviation({parts_.begin(), parts_.end()}, kParts);
    std::printf("  64 parts of the range: %+.2f standard deviations\n", off);
    return well && off < 5;
  }

 private:
  static constexpr std::array<unsigned long, 7> kModuli{3, 5, 7, 8, 11, 13, 31};
  std::array<std::vector<std::size_t>, 7> residues_ = [] {
    std::array<std::vector<std::size_t>, 7> all;
    for (std::size_t i = 0; i < all.size(); ++i) all[i].resize(kModuli[i]);
    return all;
  }();
  std::array<std::size_t, kParts> parts_{};
};

}  // namespace

bool campaign(emvcrypto::KeyFactory& factory, const emvcrypto::RsaShape& shape, std::size_t count) {
  Statistics statistics;
  std::vector<Bytes> moduli;
  std::size_t refused = 0;
  std::size_t closest = shape.bits;
  while (moduli.size() < count) {
    for (auto& pair : factory.make(shape, std::min<std::size_t>(64, count - moduli.size()))) {
      const mpz_class p = number(pair.crt.p);
      const mpz_class q = number(pair.crt.q);
      statistics.add(p, shape.bits / 2);
      statistics.add(q, shape.bits / 2);
      if (moduli.size() % kProvedOf == 0)
        for (const mpz_class* prime : {&p, &q})
          refused += mpz_probab_prime_p(prime->get_mpz_t(), 25) == 0;
      const mpz_class distance = p - q;
      closest = std::min(closest, mpz_sizeinbase(distance.get_mpz_t(), 2));
      moduli.push_back(std::move(pair.public_key.modulus));
    }
  }
  const std::size_t shared = shared_factors(moduli).size();
  std::printf("%zu pairs of %u bits, e = %u\n", moduli.size(), shape.bits, shape.exponent);
  std::printf("  moduli that share a factor: %zu\n", shared);
  std::printf("  primes that GMP refuses: %zu of %zu\n", refused,
              2 * ((moduli.size() + kProvedOf - 1) / kProvedOf));
  std::printf("  least |p - q|: %zu of %u bits\n", closest, shape.bits / 2);
  return statistics.print(shape.exponent) && shared == 0 && refused == 0;
}
