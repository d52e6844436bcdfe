/// Montgomery multiplication of eight numbers in AVX-512 IFMA lanes, radix 2^52 (S. Gueron,
/// V. Krasnov, "Software implementation of modular exponentiation, using advanced vector
/// instructions architectures", WAIFI 2012, and later work on IFMA). No branch and no address
/// depends on a number. Only for files that are compiled for IFMA.
#pragma once

#include <immintrin.h>

#include <cstdint>

#include "emvcrypto/factory/ifma_kernel.h"

namespace emvcrypto::factory::ifma {
namespace {

using Lanes = __m512i;

/// Loops over limbs are unrolled, so that accumulators stay in registers.
#define KPD_UNROLL _Pragma("GCC unroll 64")

inline Lanes lanes_of(std::uint64_t value) {
  return _mm512_set1_epi64(static_cast<long long>(value));
}

inline Lanes low_bits() {
  return lanes_of((std::uint64_t{1} << 52) - 1);
}

inline Lanes madd_low(Lanes sum, Lanes a, Lanes b) {
  return _mm512_madd52lo_epu64(sum, a, b);
}

inline Lanes madd_high(Lanes sum, Lanes a, Lanes b) {
  return _mm512_madd52hi_epu64(sum, a, b);
}

/// What the powers and tests need of lanes beside + - & | ^.
struct Vector {
  using Lanes = __m512i;
  static constexpr unsigned kLimbBits = ifma::kLimbBits;

  static Lanes of(std::uint64_t value) { return lanes_of(value); }
  static Lanes shift_right(Lanes a, unsigned bits) { return _mm512_srli_epi64(a, bits); }
  /// A bit a lane.
  static unsigned negative(Lanes a) { return _mm512_movepi64_mask(a); }
  static unsigned zero(Lanes a) { return _mm512_cmpeq_epi64_mask(a, _mm512_setzero_si512()); }
};

/// -1/n modulo 2^52 of odd limbs, by Newton's iteration.
inline Lanes negated_inverse(Lanes n) {
  const Lanes zero = _mm512_setzero_si512();
  const Lanes two = lanes_of(2);
  const Lanes thrice = _mm512_add_epi64(n, _mm512_add_epi64(n, n));
  Lanes inverse = _mm512_and_si512(_mm512_xor_si512(thrice, two), low_bits());
  for (int round = 0; round < 4; ++round) {
    const Lanes error = _mm512_sub_epi64(two, madd_low(zero, n, inverse));
    inverse = madd_low(zero, inverse, _mm512_and_si512(error, low_bits()));
  }
  return _mm512_and_si512(_mm512_sub_epi64(zero, inverse), low_bits());
}

/// Arithmetic modulo eight numbers n of kLimbs limbs. With 16 n <= R = 2^(52 kLimbs), factors
/// below 4 n give products below 2 n; nothing is compared and nothing subtracted.
template <unsigned kLimbs>
class Montgomery {
 public:
  using Vector = ifma::Vector;

  Montgomery(const Lanes* modulus, unsigned /*limbs*/)
      : n(modulus), k_(negated_inverse(modulus[0])) {}

  static constexpr unsigned limbs() { return kLimbs; }

  /// Limbs of 52 bits again, each times 2^shift.
  static inline void carry(Lanes* result, Lanes* sums, Lanes shift) {
    const Lanes mask = low_bits();
    Lanes over = _mm512_setzero_si512();
    KPD_UNROLL for (unsigned j = 0; j < kLimbs; ++j) {
      const Lanes sum = _mm512_add_epi64(_mm512_sllv_epi64(sums[j], shift), over);
      over = _mm512_srli_epi64(sum, 52);
      result[j] = _mm512_and_si512(sum, mask);
    }
  }

  /// result = a * b / R. The result may be one of the factors.
  [[gnu::noinline]] void multiply(Lanes* result, const Lanes* a, const Lanes* b) const {
    const Lanes zero = _mm512_setzero_si512();
    Lanes sums[kLimbs + 1];
    KPD_UNROLL for (unsigned j = 0; j <= kLimbs; ++j) sums[j] = zero;
    KPD_UNROLL for (unsigned i = 0; i < kLimbs; ++i) {
      const Lanes factor = b[i];
      KPD_UNROLL for (unsigned j = 0; j < kLimbs; ++j) sums[j] = madd_low(sums[j], a[j], factor);
      const Lanes m = madd_low(zero, sums[0], k_);
      KPD_UNROLL for (unsigned j = 0; j < kLimbs; ++j) {
        sums[j + 1] = madd_high(sums[j + 1], a[j], factor);
      }
      KPD_UNROLL for (unsigned j = 0; j < kLimbs; ++j) sums[j] = madd_low(sums[j], n[j], m);
      sums[1] = _mm512_add_epi64(sums[1], _mm512_srli_epi64(sums[0], 52));
      KPD_UNROLL for (unsigned j = 0; j < kLimbs; ++j) sums[j] = madd_high(sums[j + 1], n[j], m);
      sums[kLimbs] = zero;
    }
    carry(result, sums, zero);
  }

  /// result = a * a / R * 2^shift for a shift of 0 or 1 a lane; below 2 n or 4 n. The result may be
  /// the factor.
  [[gnu::noinline]] void square(Lanes* result, const Lanes* a, Lanes shift) const {
    const Lanes zero = _mm512_setzero_si512();
    Lanes sums[2 * kLimbs];
    KPD_UNROLL for (unsigned j = 0; j < 2 * kLimbs; ++j) sums[j] = zero;
    KPD_UNROLL for (unsigned i = 0; i < kLimbs; ++i) {
      KPD_UNROLL for (unsigned j = i + 1; j < kLimbs; ++j) {
        sums[i + j] = madd_low(sums[i + j], a[i], a[j]);
        sums[i + j + 1] = madd_high(sums[i + j + 1], a[i], a[j]);
      }
    }
    KPD_UNROLL for (unsigned j = 1; j + 1 < 2 * kLimbs; ++j) {
      sums[j] = _mm512_add_epi64(sums[j], sums[j]);
    }
    KPD_UNROLL for (unsigned i = 0; i < kLimbs; ++i) {
      sums[2 * i] = madd_low(sums[2 * i], a[i], a[i]);
      sums[2 * i + 1] = madd_high(sums[2 * i + 1], a[i], a[i]);
    }
    KPD_UNROLL for (unsigned i = 0; i < kLimbs; ++i) {
      const Lanes m = madd_low(zero, sums[i], k_);
      KPD_UNROLL for (unsigned j = 0; j < kLimbs; ++j) {
        sums[i + j] = madd_low(sums[i + j], n[j], m);
        sums[i + j + 1] = madd_high(sums[i + j + 1], n[j], m);
      }
      sums[i + 1] = _mm512_add_epi64(sums[i + 1], _mm512_srli_epi64(sums[i], 52));
    }
    carry(result, sums + kLimbs, shift);
  }

  /// Subtracts n where that leaves no negative number; a below 2 n comes out below n.
  [[gnu::noinline]] void reduce_once(Lanes* a) const {
    const Lanes mask = low_bits();
    Lanes less[kLimbs];
    Lanes borrow = _mm512_setzero_si512();
    KPD_UNROLL for (unsigned j = 0; j < kLimbs; ++j) {
      const Lanes difference = _mm512_add_epi64(_mm512_sub_epi64(a[j], n[j]), borrow);
      borrow = _mm512_srai_epi64(difference, 52);  // 0 or -1
      less[j] = _mm512_and_si512(difference, mask);
    }
    const __mmask8 keep = _mm512_movepi64_mask(borrow);
    KPD_UNROLL for (unsigned j = 0; j < kLimbs; ++j) {
      a[j] = _mm512_mask_mov_epi64(less[j], keep, a[j]);
    }
  }

  /// result = the number of the table at each lane's digit; all sixteen are read.
  void look_up(Lanes* result, const Lanes* table, Lanes digit) const {
    Lanes found[kLimbs];
    KPD_UNROLL for (unsigned j = 0; j < kLimbs; ++j) found[j] = table[j];
    for (unsigned i = 1; i < 16; ++i) {
      const __mmask8 here = _mm512_cmpeq_epi64_mask(digit, lanes_of(i));
      KPD_UNROLL for (unsigned j = 0; j < kLimbs; ++j) {
        found[j] = _mm512_mask_mov_epi64(found[j], here, table[i * kLimbs + j]);
      }
    }
    KPD_UNROLL for (unsigned j = 0; j < kLimbs; ++j) result[j] = found[j];
  }

  const Lanes* const n;

 private:
  const Lanes k_;  ///< -1/n modulo 2^52
};

}  // namespace
}  // namespace emvcrypto::factory::ifma
