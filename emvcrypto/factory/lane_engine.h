/// The slow part of making keys, on eight numbers at once: strong tests and powers. Internal to the
/// key factory; the seam between its paths.
#pragma once

#include <memory>

#include "emvcrypto/factory/key_factory.h"
#include "emvcrypto/factory/numbers.h"

namespace emvcrypto::factory {

/// Arithmetic modulo odd numbers of exactly the engine's bits. Its time, branches and addresses
/// depend on that size alone. All numbers of a call are below their modulus.
class LaneEngine {
 public:
  virtual ~LaneEngine() = default;

  /// The strong (Miller-Rabin) test with base two; bit i is set when candidate i passes. Powers of
  /// two of n - 1 beyond kMaxTwos are not followed.
  virtual unsigned passes_base_two(const LaneNumbers& candidates) = 0;

  /// The same with a base of each candidate's own. The engine may take it for the base's Montgomery
  /// form: what is uniform modulo n is so in either.
  virtual unsigned passes_base(const LaneNumbers& candidates, const LaneNumbers& bases) = 0;

  /// results = bases^exponents modulo the moduli; exponents have at most the engine's bits.
  virtual void power(const LaneNumbers& moduli, const LaneNumbers& bases,
                     const LaneNumbers& exponents, LaneNumbers& results) = 0;

  /// results = a * b modulo the moduli.
  virtual void multiply(const LaneNumbers& moduli, const LaneNumbers& a, const LaneNumbers& b,
                        LaneNumbers& results) = 0;
};

/// The engine of a path that the processor has, for numbers of so many bits, a multiple of 4 from
/// 256 to 1024.
std::unique_ptr<LaneEngine> make_engine(FactoryPath path, unsigned bits);

// What make_engine chooses from.
std::unique_ptr<LaneEngine> make_ifma_engine(unsigned bits);
std::unique_ptr<LaneEngine> make_avx2_engine(unsigned bits);
std::unique_ptr<LaneEngine> make_portable_engine(unsigned bits);

/// Whether processor and system offer AVX-512 IFMA.
bool has_ifma();

/// Whether they offer AVX2.
bool has_avx2();

/// (n - 1) / 2^twos and twos = the powers of two of n - 1, at most kMaxTwos; `whole` is all ones
/// when that is all of them.
struct OddPart {
  std::uint64_t twos;
  std::uint64_t whole;
};
OddPart odd_part(const Number& candidate, std::size_t limbs, Number& exponent);

}  // namespace emvcrypto::factory
