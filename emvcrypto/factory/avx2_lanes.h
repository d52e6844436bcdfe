/// Eight 64-bit lanes in two AVX2 registers. Internal to the key factory; only for files that are
/// compiled for AVX2.
#pragma once

#include <immintrin.h>

#include <cstdint>

#include "emvcrypto/factory/avx2_kernel.h"

namespace emvcrypto::factory::avx2 {
namespace {

/// Two registers rather than one: what waits for the one leaves time for the other.
struct [[gnu::may_alias]] Lanes {
  __m256i low, high;
};

inline Lanes operator+(Lanes a, Lanes b) {
  return {_mm256_add_epi64(a.low, b.low), _mm256_add_epi64(a.high, b.high)};
}

inline Lanes operator-(Lanes a, Lanes b) {
  return {_mm256_sub_epi64(a.low, b.low), _mm256_sub_epi64(a.high, b.high)};
}

inline Lanes operator&(Lanes a, Lanes b) {
  return {_mm256_and_si256(a.low, b.low), _mm256_and_si256(a.high, b.high)};
}

inline Lanes operator|(Lanes a, Lanes b) {
  return {_mm256_or_si256(a.low, b.low), _mm256_or_si256(a.high, b.high)};
}

inline Lanes operator^(Lanes a, Lanes b) {
  return {_mm256_xor_si256(a.low, b.low), _mm256_xor_si256(a.high, b.high)};
}

/// Products of the lower halves of the lanes.
inline Lanes operator*(Lanes a, Lanes b) {
  return {_mm256_mul_epu32(a.low, b.low), _mm256_mul_epu32(a.high, b.high)};
}

inline Lanes shift_left(Lanes a, Lanes bits) {
  return {_mm256_sllv_epi64(a.low, bits.low), _mm256_sllv_epi64(a.high, bits.high)};
}

/// All ones in the lanes that are equal.
inline Lanes equal(Lanes a, Lanes b) {
  return {_mm256_cmpeq_epi64(a.low, b.low), _mm256_cmpeq_epi64(a.high, b.high)};
}

/// `yes` where the mask is all ones, `no` where it is zero.
inline Lanes choose(Lanes mask, Lanes yes, Lanes no) {
  return {_mm256_blendv_epi8(no.low, yes.low, mask.low),
          _mm256_blendv_epi8(no.high, yes.high, mask.high)};
}

/// What the powers and tests need of lanes beside + - & | ^.
struct Vector {
  using Lanes = avx2::Lanes;
  static constexpr unsigned kLimbBits = avx2::kLimbBits;

  static Lanes of(std::uint64_t value) {
    const __m256i lanes = _mm256_set1_epi64x(static_cast<long long>(value));
    return {lanes, lanes};
  }

  static Lanes shift_right(Lanes a, unsigned bits) {
    const auto count = static_cast<int>(bits);
    return {_mm256_srli_epi64(a.low, count), _mm256_srli_epi64(a.high, count)};
  }

  /// A bit a lane.
  static unsigned negative(Lanes a) {
    return static_cast<unsigned>(_mm256_movemask_pd(_mm256_castsi256_pd(a.low)) |
                                 _mm256_movemask_pd(_mm256_castsi256_pd(a.high)) << 4);
  }

  static unsigned zero(Lanes a) { return negative(equal(a, of(0))); }
};

}  // namespace
}  // namespace emvcrypto::factory::avx2
