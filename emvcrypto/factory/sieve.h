/// A window of candidates without the multiples of small primes. Internal to the key factory.
#pragma once

#include <memory>
#include <vector>

#include "emvcrypto/factory/numbers.h"
#include "emvcrypto/factory/prime_rules.h"
#include "emvcrypto/factory/random_stream.h"

namespace emvcrypto::factory {

/// Small primes and what divides by them without a division; the same for all windows of a size.
class SieveTable {
 public:
  /// For primes of so many bits, of which none is 1 modulo the public exponent.
  SieveTable(unsigned prime_bits, unsigned exponent);

  unsigned prime_bits() const { return prime_bits_; }

  /// Marks in `composite` (window_length + 1 bytes, the last one a waste place) every j for which
  /// start + 2j has a small factor, or is 1 modulo the public exponent. The time does not depend on
  /// `start`; the addresses written do.
  void mark(const Number& start, std::uint8_t* composite) const;

 private:
  struct Prime {
    std::uint64_t inverse;  ///< 1/prime modulo 2^64
    std::uint32_t prime;
    std::uint32_t factor;  ///< takes the remainder as computed to -1/2 times the number
  };
  /// Primes whose product fits a limb, divided by at once.
  struct Group {
    std::uint64_t product;
    std::uint64_t inverse;
    std::uint32_t first, last;  ///< of primes_
  };

  void add(std::uint32_t prime);
  std::uint64_t exact_remainder(const Number& number, std::uint64_t divisor,
                                std::uint64_t inverse) const;

  unsigned prime_bits_;
  unsigned exponent_;
  std::vector<Prime> primes_;
  std::vector<Group> groups_;
};

/// Candidates from one random start, in order.
class Window {
 public:
  explicit Window(const SieveTable& table) : table_(&table) {}

  /// Draws a start from [2^(k-1) sqrt(2), 2^k) and sieves.
  void open(RandomStream& random);

  /// The next candidate; false when there is none left.
  bool next(Number& candidate);

 private:
  struct Memory {
    Number start;
    std::array<std::uint8_t, window_length(64 * kMaxLimbs) + 8> composite;
  };

  const SieveTable* table_;
  unsigned position_ = 0;
  Locked<Memory> memory_;
};

}  // namespace emvcrypto::factory
