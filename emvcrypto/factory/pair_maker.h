/// RSA pairs of primes: CRT parts, the conditions on a pair, and the check of each. Internal to the
/// key factory.
#pragma once

#include <gmp.h>

#include <vector>

#include "emvcrypto/factory/prime_search.h"

namespace emvcrypto::factory {

/// Makes pairs of one shape, up to eight at a time.
class PairMaker {
 public:
  PairMaker(const RsaShape& shape, PrimeSearch& search, LaneEngine& engine, RandomStream& random);

  /// Takes primes for `count` pairs (1 to 8) and appends the pairs that the shape admits. Throws
  /// std::runtime_error when a pair does not work.
  void make(std::size_t count, std::vector<RsaKeyPair>& pairs);

 private:
  struct Memory {
    LaneNumbers p, q, dp, dq, qinv;
    LaneNumbers exponents, messages, by_p, by_q;
    std::array<mp_limb_t, 2 * kMaxLimbs> product;
    std::array<mp_limb_t, 4 * kMaxLimbs + 64> scratch;
    Number difference;
  };

  void take_primes(std::size_t count);  ///< p > q, dp, dq
  void invert();                        ///< qinv
  void sign();                          ///< messages by the private keys, but for the last step
  bool admitted(std::size_t lane);      ///< |p - q|, d, and full parts if asked for
  Bytes modulus(std::size_t lane);
  void require_working(std::size_t lane, const Bytes& modulus);
  std::size_t part_size() const { return (shape_.bits / 8 + 1) / 2; }
  bool full(const Number& part) const;  ///< whether it has no leading zero byte
  Secret part(const Number& number) const;

  RsaShape shape_;
  unsigned bits_;  ///< of a prime
  PrimeSearch& search_;
  LaneEngine& engine_;
  RandomStream& random_;
  Locked<Memory> memory_;
};

}  // namespace emvcrypto::factory
