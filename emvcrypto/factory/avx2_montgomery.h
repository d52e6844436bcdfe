/// Montgomery multiplication of eight numbers in AVX2 lanes, radix 2^28 (S. Gueron, V. Krasnov,
/// "Software implementation of modular exponentiation, using advanced vector instructions
/// architectures", WAIFI 2012). Sums of products are carried once, at the end. No branch and no
/// address depends on a number. Only for files that are compiled for AVX2.
#pragma once

#include "emvcrypto/factory/avx2_rows.h"

namespace emvcrypto::factory::avx2 {
namespace {

inline Lanes low_bits() {
  return Vector::of((std::uint64_t{1} << kLimbBits) - 1);
}

/// Adds a multiple of n that makes the `rows` lowest limbs zero, and their carry to the next.
struct Reduce {
  template <unsigned rows>
  [[gnu::always_inline]] static void run(Lanes* __restrict sums, const Lanes* n, unsigned limbs,
                                         Lanes k) {
    Lanes multiple[rows];
    Lanes over = Vector::of(0);
    KPD_UNROLL_ROWS for (unsigned i = 0; i < rows; ++i) {
      Lanes sum = sums[i] + over;
      KPD_UNROLL_ROWS for (unsigned r = 0; r < i; ++r) sum = sum + n[i - r] * multiple[r];
      multiple[i] = sum * k & low_bits();
      over = Vector::shift_right(sum + n[0] * multiple[i], kLimbBits);
    }
    sums[rows] = sums[rows] + over;
    add_columns<rows>(sums, n, rows, limbs, multiple);
  }
};

/// Arithmetic modulo eight numbers n. With 16 n <= R = 2^(28 limbs), factors below 4 n give
/// products below 2 n; nothing is compared and nothing subtracted.
class Montgomery {
 public:
  using Vector = avx2::Vector;

  Montgomery(const Lanes* modulus, unsigned limbs)
      : n(modulus), limbs_(limbs), k_(negated_inverse(modulus[0])) {}

  unsigned limbs() const { return limbs_; }

  /// Limbs of 28 bits again, each times 2^shift.
  void carry(Lanes* result, const Lanes* sums, Lanes shift) const {
    Lanes over = Vector::of(0);
    for (unsigned j = 0; j < limbs_; ++j) {
      const Lanes sum = shift_left(sums[j], shift) + over;
      over = Vector::shift_right(sum, kLimbBits);
      result[j] = sum & low_bits();
    }
  }

  /// result = a * b / R. The result may be one of the factors.
  [[gnu::noinline]] void multiply(Lanes* result, const Lanes* a, const Lanes* b) const {
    Lanes sums[2 * kMostLimbs];
    for (unsigned j = 0; j < 2 * limbs_; ++j) sums[j] = Vector::of(0);
    for (unsigned i = 0; i < limbs_; i += kRows)
      with_rows<AddRows>(rows_of(limbs_ - i), sums + i, a, limbs_, b + i);
    divide_by_r(result, sums, Vector::of(0));
  }

  /// result = a * a / R * 2^shift for a shift of 0 or 1 a lane; below 2 n or 4 n. The result may be
  /// the factor.
  [[gnu::noinline]] void square(Lanes* result, const Lanes* a, Lanes shift) const {
    Lanes sums[2 * kMostLimbs];
    Lanes twice[kMostLimbs];
    for (unsigned j = 0; j < 2 * limbs_; ++j) sums[j] = Vector::of(0);
    for (unsigned j = 0; j < limbs_; ++j) twice[j] = a[j] + a[j];
    for (unsigned i = 0; i < limbs_; i += kRows) {
      with_rows<AddSquare>(rows_of(limbs_ - i), sums + 2 * i, a + i, twice + i);
      if (limbs_ <= i + kRows) break;
      // The limbs above these times these; the fewer of them are the rows.
      const unsigned above = limbs_ - i - kRows;
      Lanes* columns = sums + 2 * i + kRows;
      if (above >= kRows)
        AddRows::run<kRows>(columns, a + i + kRows, above, twice + i);
      else
        with_rows<AddRows>(above, columns, twice + i, kRows, a + i + kRows);
    }
    divide_by_r(result, sums, shift);
  }

  /// Subtracts n where that leaves no negative number; a below 2 n comes out below n.
  void reduce_once(Lanes* a) const {
    Lanes less[kMostLimbs];
    Lanes borrow = Vector::of(0);
    for (unsigned j = 0; j < limbs_; ++j) {
      const Lanes difference = a[j] - n[j] - borrow;
      borrow = Vector::shift_right(difference, 63);
      less[j] = difference & low_bits();
    }
    const Lanes keep = equal(borrow, Vector::of(1));
    for (unsigned j = 0; j < limbs_; ++j) a[j] = choose(keep, a[j], less[j]);
  }

  /// found = the number of the table at each lane's digit; all sixteen are read.
  void look_up(Lanes* found, const Lanes* table, Lanes digit) const {
    for (unsigned j = 0; j < limbs_; ++j) found[j] = table[j];
    for (unsigned i = 1; i < 16; ++i) {
      const Lanes here = equal(digit, Vector::of(i));
      for (unsigned j = 0; j < limbs_; ++j)
        found[j] = choose(here, table[i * limbs_ + j], found[j]);
    }
  }

  const Lanes* const n;

 private:
  /// -1/n modulo 2^28 of odd limbs, by Newton's iteration modulo 2^32.
  static Lanes negated_inverse(Lanes n) {
    const Lanes two = Vector::of(2);
    Lanes inverse = (n + n + n) ^ two;  // right in 5 bits
    for (int round = 0; round < 3; ++round) inverse = inverse * (two - n * inverse);
    return (Vector::of(0) - inverse) & low_bits();
  }

  void divide_by_r(Lanes* result, Lanes* sums, Lanes shift) const {
    for (unsigned i = 0; i < limbs_; i += kRows)
      with_rows<Reduce>(rows_of(limbs_ - i), sums + i, n, limbs_, k_);
    carry(result, sums + limbs_, shift);
  }

  const unsigned limbs_;
  const Lanes k_;  ///< -1/n modulo 2^28
};

}  // namespace
}  // namespace emvcrypto::factory::avx2
