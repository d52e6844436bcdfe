#include "emvcrypto/factory/secret_arithmetic.h"

namespace emvcrypto::factory {
namespace {

/// Divisions by a constant become multiplications, whose time does not depend on the value.
std::uint64_t modulo(std::uint64_t value, unsigned exponent) {
  return exponent == 3 ? value % 3 : value % 65537;
}

/// number modulo the exponent, by Horner's rule over half limbs.
std::uint64_t remainder_of(const Number& number, unsigned exponent) {
  std::uint64_t remainder = 0;
  for (std::size_t i = kMaxLimbs; i-- > 0;) {
    remainder = modulo(remainder << 32 | number[i] >> 32, exponent);
    remainder = modulo(remainder << 32 | (number[i] & 0xFFFFFFFF), exponent);
  }
  return remainder;
}

/// value^(exponent - 2) modulo the exponent, which is a prime: the inverse.
std::uint64_t inverse_modulo(std::uint64_t value, unsigned exponent) {
  std::uint64_t inverse = 1;
  for (unsigned bit = 17; bit-- > 0;) {
    inverse = modulo(inverse * inverse, exponent);
    if (((exponent - 2) >> bit & 1) != 0) inverse = modulo(inverse * value, exponent);
  }
  return inverse;
}

}  // namespace

std::uint64_t subtract(Number& to, const Number& a, const Number& b) {
  std::uint64_t borrow = 0;
  for (std::size_t i = 0; i < kMaxLimbs; ++i) {
    const Wide difference = static_cast<Wide>(a[i]) - b[i] - borrow;
    to[i] = static_cast<std::uint64_t>(difference);
    borrow = static_cast<std::uint64_t>(difference >> 64) & 1;
  }
  return borrow;
}

void add_where(std::uint64_t mask, Number& to, const Number& number) {
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < kMaxLimbs; ++i) {
    const Wide sum = static_cast<Wide>(to[i]) + (number[i] & mask) + carry;
    to[i] = static_cast<std::uint64_t>(sum);
    carry = static_cast<std::uint64_t>(sum >> 64);
  }
}

LongNumber sum_of(const Number& a, const Number& b) {
  LongNumber sum{};
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < kMaxLimbs; ++i) {
    const Wide here = static_cast<Wide>(a[i]) + b[i] + carry;
    sum[i] = static_cast<std::uint64_t>(here);
    carry = static_cast<std::uint64_t>(here >> 64);
  }
  sum[kMaxLimbs] = carry;
  return sum;
}

std::uint64_t equal(const LongNumber& a, const LongNumber& b) {
  std::uint64_t differs = 0;
  for (std::size_t i = 0; i < a.size(); ++i) differs |= a[i] ^ b[i];
  return is_zero(differs);
}

void put_larger_first(Number& a, Number& b) {
  Number difference;
  const std::uint64_t mask = mask_of(subtract(difference, a, b));
  for (std::size_t i = 0; i < kMaxLimbs; ++i) {
    const std::uint64_t change = (a[i] ^ b[i]) & mask;
    a[i] ^= change;
    b[i] ^= change;
  }
}

std::uint64_t reaches(const Number& number, unsigned bit) {
  std::uint64_t above = number[bit / 64] >> (bit % 64);
  for (std::size_t i = bit / 64 + 1; i < kMaxLimbs; ++i) above |= number[i];
  return 1 ^ is_zero(above);
}

void crt_exponent(Number& result, const Number& prime, unsigned exponent) {
  // (1 + k (prime - 1)) / exponent is whole for k = -1/(prime - 1) modulo the exponent. The
  // division is exact, so that it goes from the least limb up with the exponent's inverse modulo
  // 2^64.
  Number less = prime;
  less[0] -= 1;
  const std::uint64_t k = exponent - inverse_modulo(remainder_of(less, exponent), exponent);
  const std::uint64_t inverse = inverse_of_limb(exponent);
  std::uint64_t carry = 1;
  std::uint64_t borrow = 0;
  for (std::size_t i = 0; i < kMaxLimbs; ++i) {
    const Wide product = static_cast<Wide>(less[i]) * k + carry;
    carry = static_cast<std::uint64_t>(product >> 64);
    const auto limb = static_cast<std::uint64_t>(product);
    const std::uint64_t quotient = (limb - borrow) * inverse;
    const std::uint64_t lower = limb - borrow;
    borrow = high_product(quotient, exponent) + (lower > limb ? 1 : 0);
    result[i] = quotient;
  }
}

}  // namespace emvcrypto::factory
