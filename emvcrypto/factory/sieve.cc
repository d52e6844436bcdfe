#include "emvcrypto/factory/sieve.h"

#include <algorithm>

namespace emvcrypto::factory {
namespace {

std::vector<std::uint32_t> odd_primes_below(std::uint32_t limit) {
  std::vector<bool> composite(limit);
  std::vector<std::uint32_t> primes;
  for (std::uint32_t i = 3; i < limit; i += 2) {
    if (composite[i]) continue;
    primes.push_back(i);
    for (std::uint64_t j = std::uint64_t{i} * i; j < limit; j += 2 * i) composite[j] = true;
  }
  return primes;
}

/// 2^bits modulo a small number.
std::uint64_t power_of_two(unsigned bits, std::uint64_t modulus) {
  std::uint64_t power = 1;
  for (unsigned i = 0; i < bits; ++i) power = 2 * power % modulus;
  return power;
}

}  // namespace

SieveTable::SieveTable(unsigned prime_bits, unsigned exponent)
    : prime_bits_(prime_bits), exponent_(exponent) {
  for (const std::uint32_t prime : odd_primes_below(kSieveLimit)) add(prime);
  if (exponent_ >= kSieveLimit) add(exponent_);
}

void SieveTable::add(std::uint32_t prime) {
  // Two exact divisions by the prime follow each other in mark(): of a limb, then of 34 bits in a
  // limb. Each leaves the negated remainder divided by 2^64; so does the group's, by 2^(64 limbs).
  const unsigned limbs = static_cast<unsigned>(limbs_of(prime_bits_));
  const std::uint64_t factor = power_of_two(64 * limbs + 127, prime);
  primes_.push_back({inverse_of_limb(prime), prime, static_cast<std::uint32_t>(factor)});
  const auto last = static_cast<std::uint32_t>(primes_.size());
  if (groups_.empty() || groups_.back().product > UINT64_MAX / prime) {
    groups_.push_back({prime, inverse_of_limb(prime), last - 1, last});
    return;
  }
  Group& group = groups_.back();
  group.product *= prime;
  group.inverse = inverse_of_limb(group.product);
  group.last = last;
}

std::uint64_t SieveTable::exact_remainder(const Number& number, std::uint64_t divisor,
                                          std::uint64_t inverse) const {
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < limbs_of(prime_bits_); ++i) {
    const std::uint64_t difference = number[i] - carry;
    const std::uint64_t borrow = difference > number[i] ? 1 : 0;
    carry = high_product(difference * inverse, divisor) + borrow;
  }
  return carry;  // number = -carry * 2^(64 limbs) modulo the divisor
}

void SieveTable::mark(const Number& start, std::uint8_t* composite) const {
  const std::uint64_t length = window_length(prime_bits_);
  for (const Group& group : groups_) {
    const std::uint64_t remainder = exact_remainder(start, group.product, group.inverse);
    for (std::uint32_t i = group.first; i < group.last; ++i) {
      const Prime& prime = primes_[i];
      const std::uint64_t once = high_product(remainder * prime.inverse, prime.prime);
      const std::uint64_t at = high_product(once * prime.factor * prime.inverse, prime.prime);
      // start + 2 at = 0 modulo the prime; start + 2 j = 1 for a j that is 1/2 further on.
      if (prime.prime == exponent_) {
        const std::uint64_t further = at + (prime.prime + 1) / 2;
        const std::uint64_t wrap = prime.prime & mask_of((prime.prime - 1 - further) >> 63);
        for (std::uint64_t j = further - wrap; j < length; j += prime.prime) composite[j] = 1;
      }
      composite[std::min(at, length)] = 1;
      if (prime.prime >= length) continue;
      for (std::uint64_t j = at + prime.prime; j < length; j += prime.prime) composite[j] = 1;
    }
  }
}

void Window::open(RandomStream& random) {
  const unsigned bits = table_->prime_bits();
  const std::size_t top = limbs_of(bits) - 1;
  Number& start = memory_->start;
  std::uint64_t leading = 0;
  do {
    random.draw(start, bits);
    const unsigned spare = static_cast<unsigned>(64 * (top + 1)) - bits;
    leading = spare == 0 ? start[top] : start[top] << spare | start[top - 1] >> (64 - spare);
  } while (leading < kLeastLeadingLimb);
  start[0] |= 1;
  memory_->composite = {};
  table_->mark(start, memory_->composite.data());
  position_ = 0;
}

bool Window::next(Number& candidate) {
  const unsigned length = window_length(table_->prime_bits());
  while (position_ < length && memory_->composite[position_] != 0) ++position_;
  if (position_ >= length) return false;
  candidate = memory_->start;
  std::uint64_t carry = 2 * std::uint64_t{position_++};
  for (std::size_t i = 0; i < limbs_of(table_->prime_bits()); ++i) {
    candidate[i] += carry;
    carry = candidate[i] < carry ? 1 : 0;
  }
  // A start so near 2^k that the window leaves the range ends there.
  const unsigned bits = table_->prime_bits();
  const std::uint64_t over = bits % 64 == 0 ? carry : candidate[limbs_of(bits) - 1] >> (bits % 64);
  return over == 0;
}

}  // namespace emvcrypto::factory
