/// Modular arithmetic on eight numbers at once in AVX-512 IFMA lanes. Internal to the key factory.
///
/// Only the files that are compiled for IFMA define what is declared here, and they include nothing
/// of the standard library that has code: a function of it that the linker kept from such a file
/// would stop an older processor.
#pragma once

#include <cstddef>
#include <cstdint>

namespace emvcrypto::factory::ifma {

/// Limbs have 52 bits. Limb j of lane i stands at [8 * j + i]; every pointer is aligned to 64
/// bytes.
inline constexpr unsigned kLimbBits = 52;

/// The tests need R >= 16 n for R = 2^(52 limbs): four bits more than the primes have.
constexpr unsigned limbs_for(unsigned bits) {
  return (bits + 4 + kLimbBits - 1) / kLimbBits;
}

/// What a kernel works on. Numbers have the kernel's limbs; `exponent` and `base` are below
/// 2^bits; `bits` is a multiple of 4.
struct Job {
  unsigned bits;
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

/// One set of kernels for a number of limbs.
struct Kernels {
  /// The strong test with base two; `exponent` is (n - 1) / 2^twos. A bit a lane, set when it
  /// passes.
  unsigned (*strong_two)(const Job&);
  /// The same with `base`, which is the base's Montgomery form.
  unsigned (*strong_base)(const Job&);
  /// result = base^exponent mod modulus, below the modulus.
  void (*power)(const Job&);
  /// result = base * exponent mod modulus, below the modulus.
  void (*multiply)(const Job&);
};

/// Kernels for 5 to 20 limbs.
const Kernels& kernels(unsigned limbs);

// The parts of kernels(), one a file.
const Kernels& kernels_5_to_9(unsigned limbs);
const Kernels& kernels_10_to_12(unsigned limbs);
const Kernels& kernels_13_to_15(unsigned limbs);
const Kernels& kernels_16_to_18(unsigned limbs);
const Kernels& kernels_19_to_20(unsigned limbs);

}  // namespace emvcrypto::factory::ifma
