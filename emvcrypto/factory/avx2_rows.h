/// Sums of products of limbs in AVX2 lanes, some rows of them at a time. Internal to the key
/// factory; only for files that are compiled for AVX2.
#pragma once

#include "emvcrypto/factory/avx2_lanes.h"

namespace emvcrypto::factory::avx2 {
namespace {

/// Limbs of one factor that stay in registers while the other passes by; with more there are too
/// few registers.
constexpr unsigned kRows = 3;
#define KPD_UNROLL_ROWS _Pragma("GCC unroll 8")
#define KPD_UNROLL_COLUMNS _Pragma("GCC unroll 2")

constexpr unsigned rows_of(unsigned limbs_left) {
  return limbs_left < kRows ? limbs_left : kRows;
}

/// Calls Step::run of so many rows, a constant to it.
template <class Step, class... Arguments>
[[gnu::always_inline]] inline void with_rows(unsigned rows, Arguments... arguments) {
  switch (rows) {
    case 1:
      return Step::template run<1>(arguments...);
    case 2:
      return Step::template run<2>(arguments...);
    default:
      return Step::template run<kRows>(arguments...);
  }
}

/// The products of `rows` limbs from column `first` to the last that all of them reach, and those
/// of the columns behind, which fewer and fewer reach.
template <unsigned rows>
[[gnu::always_inline]] inline void add_columns(Lanes* __restrict sums, const Lanes* a,
                                               unsigned first, unsigned length, const Lanes* row) {
  KPD_UNROLL_COLUMNS for (unsigned j = first; j < length; ++j) {
    Lanes sum = sums[j];
    KPD_UNROLL_ROWS for (unsigned r = 0; r < rows; ++r) sum = sum + *(a + j - r) * row[r];
    sums[j] = sum;
  }
  KPD_UNROLL_ROWS for (unsigned j = 0; j + 1 < rows; ++j) {
    Lanes sum = sums[length + j];
    KPD_UNROLL_ROWS for (unsigned r = j + 1; r < rows; ++r) {
      sum = sum + *(a + length + j - r) * row[r];
    }
    sums[length + j] = sum;
  }
}

/// sums += a * b for an a of `length` limbs, not fewer than the rows, and a b of `rows`.
struct AddRows {
  template <unsigned rows>
  [[gnu::always_inline]] static void run(Lanes* __restrict sums, const Lanes* a, unsigned length,
                                         const Lanes* b) {
    Lanes row[rows];
    KPD_UNROLL_ROWS for (unsigned r = 0; r < rows; ++r) row[r] = b[r];
    KPD_UNROLL_ROWS for (unsigned j = 0; j + 1 < rows; ++j) {
      Lanes sum = sums[j];
      KPD_UNROLL_ROWS for (unsigned r = 0; r <= j; ++r) sum = sum + a[j - r] * row[r];
      sums[j] = sum;
    }
    add_columns<rows>(sums, a, rows - 1, length, row);
  }
};

/// sums += a * a for an a of `rows` limbs, given it and twice it.
struct AddSquare {
  template <unsigned rows>
  [[gnu::always_inline]] static void run(Lanes* __restrict sums, const Lanes* a,
                                         const Lanes* twice) {
    KPD_UNROLL_ROWS for (unsigned i = 0; i < rows; ++i) {
      sums[2 * i] = sums[2 * i] + a[i] * a[i];
      KPD_UNROLL_ROWS for (unsigned j = i + 1; j < rows; ++j) {
        sums[i + j] = sums[i + j] + twice[i] * a[j];
      }
    }
  }
};

}  // namespace
}  // namespace emvcrypto::factory::avx2
