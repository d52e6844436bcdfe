/// Modular arithmetic on eight numbers at once in vector registers: what its kernels are given and
/// what they do. Internal to the key factory.
///
/// Kernels are defined in files that are compiled for their instructions, and these include nothing
/// of the standard library that has code: a function of it that the linker kept from such a file
/// would stop an older processor.
#pragma once

#include <cstddef>
#include <cstdint>

namespace emvcrypto::factory {

/// The limbs that a kernel gives numbers of so many bits. The tests need R >= 16 n for
/// R = 2^(limb_bits * limbs): four bits more than the primes have.
constexpr unsigned vector_limbs(unsigned bits, unsigned limb_bits) {
  return (bits + 4 + limb_bits - 1) / limb_bits;
}

/// What a kernel works on. Limb j of lane i stands at [8 * j + i]; every pointer is aligned to 64
/// bytes. `exponent` and `base` are below 2^bits; `bits` is a multiple of 4.
struct VectorJob {
  unsigned bits;
  unsigned limbs;
  const std::uint64_t* modulus;
  const std::uint64_t* base;
  const std::uint64_t* exponent;
  const std::uint64_t* twos;   ///< eight numbers, 1..16: a test follows so many powers of two
  const std::uint64_t* whole;  ///< eight masks: all ones when `twos` are all powers of two of n - 1
  std::uint64_t* result;
  std::uint64_t* work;  ///< room for kWorkNumbers numbers
};

/// Room for the table of sixteen powers and six numbers beside it.
inline constexpr std::size_t kWorkNumbers = 22;

/// One set of kernels.
struct VectorKernels {
  /// The strong test with base two; `exponent` is (n - 1) / 2^twos. A bit a lane, set when it
  /// passes.
  unsigned (*strong_two)(const VectorJob&);
  /// The same with `base`, which is the base's Montgomery form.
  unsigned (*strong_base)(const VectorJob&);
  /// result = base^exponent mod modulus, below the modulus.
  void (*power)(const VectorJob&);
  /// result = base * exponent mod modulus, below the modulus.
  void (*multiply)(const VectorJob&);
};

}  // namespace emvcrypto::factory
