#include "emvcrypto/factory/prime_rules.h"

#include <cmath>

namespace emvcrypto::factory {

double log2_error_bound(unsigned prime_bits, unsigned rounds) {
  const double k = prime_bits;
  const double t = rounds;
  return 1.5 * std::log2(k) + t - 0.5 * std::log2(t) + 2 * (2 - std::sqrt(t * k)) + 5;
}

unsigned strong_test_rounds(unsigned prime_bits) {
  unsigned rounds = 3;
  while (log2_error_bound(prime_bits, rounds) >= -100) ++rounds;
  return rounds;
}

}  // namespace emvcrypto::factory
