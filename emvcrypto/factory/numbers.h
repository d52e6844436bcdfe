/// Numbers of a prime's size and eight of them side by side. Internal to the key factory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace emvcrypto::factory {

/// As many candidates are worked on at a time, on every path.
inline constexpr std::size_t kLanes = 8;
/// Primes have 256 to 1024 bits.
inline constexpr std::size_t kMaxLimbs = 16;

/// 64-bit limbs, least significant first; limbs above a number's own are zero.
using Number = std::array<std::uint64_t, kMaxLimbs>;
using LaneNumbers = std::array<Number, kLanes>;

/// A product of two limbs.
__extension__ typedef unsigned __int128 Wide;

/// The upper limb of a product.
constexpr std::uint64_t high_product(std::uint64_t a, std::uint64_t b) {
  return static_cast<std::uint64_t>((static_cast<Wide>(a) * b) >> 64);
}

/// Limbs of a number of so many bits.
constexpr std::size_t limbs_of(unsigned bits) {
  return (bits + 63) / 64;
}

/// The value, of which the compiler knows nothing any more: it makes no branch of what follows.
constexpr std::uint64_t opaque(std::uint64_t value) {
  if (!std::is_constant_evaluated()) asm("" : "+r"(value));
  return value;
}

/// All ones when `bit` is 1, zero when it is 0.
constexpr std::uint64_t mask_of(std::uint64_t bit) {
  return opaque(0 - opaque(bit));
}

/// 1 when the value is zero, 0 otherwise, without a branch.
constexpr std::uint64_t is_zero(std::uint64_t value) {
  value = opaque(value);
  return opaque(1 ^ ((value | (0 - value)) >> 63));
}

/// 1/value modulo 2^64 of an odd value, by Newton's iteration.
constexpr std::uint64_t inverse_of_limb(std::uint64_t value) {
  std::uint64_t inverse = (3 * value) ^ 2;  // right in 5 bits
  for (int round = 0; round < 4; ++round) inverse *= 2 - value * inverse;
  return inverse;
}

}  // namespace emvcrypto::factory
