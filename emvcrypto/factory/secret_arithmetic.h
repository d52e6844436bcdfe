/// Small arithmetic on secret numbers without a branch or an address that depends on them. Internal
/// to the key factory.
#pragma once

#include "emvcrypto/factory/numbers.h"

namespace emvcrypto::factory {

/// A number with room for a carry.
using LongNumber = std::array<std::uint64_t, kMaxLimbs + 1>;

/// to = a - b; returns 1 when b > a, and to is then too small by 2^1024.
std::uint64_t subtract(Number& to, const Number& a, const Number& b);

/// Adds `number` where the mask is all ones.
void add_where(std::uint64_t mask, Number& to, const Number& number);

/// a + b with its carry.
LongNumber sum_of(const Number& a, const Number& b);

/// 1 when a == b.
std::uint64_t equal(const LongNumber& a, const LongNumber& b);

/// Exchanges a and b when b > a.
void put_larger_first(Number& a, Number& b);

/// 1 when the number is at least 2^bit.
std::uint64_t reaches(const Number& number, unsigned bit);

/// exponent^-1 modulo prime - 1, for the public exponents 3 and 65537; prime is not 1 modulo the
/// exponent.
void crt_exponent(Number& result, const Number& prime, unsigned exponent);

}  // namespace emvcrypto::factory
