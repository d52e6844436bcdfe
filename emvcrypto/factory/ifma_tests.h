/// Powers and strong tests on eight numbers in IFMA lanes. Only for files that are compiled for
/// IFMA.
#pragma once

#include "emvcrypto/factory/ifma_kernel.h"
#include "emvcrypto/factory/ifma_montgomery.h"

namespace emvcrypto::factory::ifma {
namespace {

/// The functions of Kernels for one number of limbs.
template <unsigned kLimbs>
class Machine {
 public:
  explicit Machine(const Job& job)
      : job_(job),
        m_{as_lanes(job.modulus), negated_inverse(as_lanes(job.modulus)[0])},
        table_(work(0)),
        one_(work(16)),
        power_(work(17)),
        chosen_(work(18)),
        minus_one_(work(19)) {
    make_one();
  }

  unsigned strong_two() {
    const Lanes* exponent = as_lanes(job_.exponent);
    copy(power_, one_);
    for (unsigned bit = job_.bits; bit-- > 0;) m_.square(power_, power_, bits_at(exponent, bit, 1));
    return strong_result();
  }

  unsigned strong_base() {
    make_table(as_lanes(job_.base));
    window_power();
    return strong_result();
  }

  void power() {
    to_montgomery(table_ + kLimbs, as_lanes(job_.base));
    make_table(table_ + kLimbs);
    window_power();
    set_small(chosen_, 1);
    leave(chosen_);
  }

  void multiply() {
    to_montgomery(power_, as_lanes(job_.base));
    leave(as_lanes(job_.exponent));
  }

 private:
  static const Lanes* as_lanes(const std::uint64_t* limbs) {
    return reinterpret_cast<const Lanes*>(limbs);
  }

  Lanes* work(unsigned index) const {
    return reinterpret_cast<Lanes*>(job_.work) + std::size_t{index} * kLimbs;
  }

  static void copy(Lanes* to, const Lanes* from) {
    for (unsigned j = 0; j < kLimbs; ++j) to[j] = from[j];
  }

  static void set_small(Lanes* number, std::uint64_t value) {
    number[0] = lanes_of(value);
    for (unsigned j = 1; j < kLimbs; ++j) number[j] = _mm512_setzero_si512();
  }

  /// `count` bits of each exponent from bit `bit` on; they stand in one limb.
  static Lanes bits_at(const Lanes* exponent, unsigned bit, unsigned count) {
    const Lanes limb = _mm512_srli_epi64(exponent[bit / kLimbBits], bit % kLimbBits);
    return _mm512_and_si512(limb, lanes_of((std::uint64_t{1} << count) - 1));
  }

  /// one_ = R mod n, minus_one_ = n - one_: 2^bits - n, which is below n, doubled until it is R.
  void make_one() {
    const Lanes mask = low_bits();
    Lanes borrow = _mm512_setzero_si512();
    for (unsigned j = 0; j < kLimbs; ++j) {
      const std::uint64_t limb = j == job_.bits / kLimbBits ? 1ULL << (job_.bits % kLimbBits) : 0;
      const Lanes difference = _mm512_add_epi64(_mm512_sub_epi64(lanes_of(limb), m_.n[j]), borrow);
      borrow = _mm512_srai_epi64(difference, 52);
      one_[j] = _mm512_and_si512(difference, mask);
    }
    for (unsigned bit = job_.bits; bit < kLimbs * kLimbBits; ++bit) {
      m_.carry(one_, one_, lanes_of(1));
      m_.reduce_once(one_);
    }
    borrow = _mm512_setzero_si512();
    for (unsigned j = 0; j < kLimbs; ++j) {
      const Lanes difference = _mm512_add_epi64(_mm512_sub_epi64(m_.n[j], one_[j]), borrow);
      borrow = _mm512_srai_epi64(difference, 52);
      minus_one_[j] = _mm512_and_si512(difference, mask);
    }
  }

  /// to = number * R mod n: R times R is two to the power log2 R in Montgomery's form.
  void to_montgomery(Lanes* to, const Lanes* number) {
    constexpr unsigned kLog = kLimbs * kLimbBits;
    copy(chosen_, one_);
    for (unsigned bit = 11; bit-- > 0;) m_.square(chosen_, chosen_, lanes_of((kLog >> bit) & 1));
    m_.multiply(to, chosen_, number);
  }

  /// result = power_ * factor / R, below n.
  void leave(const Lanes* factor) {
    m_.multiply(power_, power_, factor);
    m_.reduce_once(power_);
    copy(reinterpret_cast<Lanes*>(job_.result), power_);
  }

  void make_table(const Lanes* base) {
    copy(table_, one_);
    copy(table_ + kLimbs, base);
    for (unsigned i = 2; i < 16; ++i)
      m_.multiply(table_ + i * kLimbs, table_ + (i - 1) * kLimbs, base);
  }

  /// chosen_ = the power of each lane's digit; all sixteen are read.
  void choose(Lanes digit) {
    Lanes found[kLimbs];
    KPD_UNROLL for (unsigned j = 0; j < kLimbs; ++j) found[j] = table_[j];
    for (unsigned i = 1; i < 16; ++i) {
      const __mmask8 here = _mm512_cmpeq_epi64_mask(digit, lanes_of(i));
      KPD_UNROLL for (unsigned j = 0; j < kLimbs; ++j) {
        found[j] = _mm512_mask_mov_epi64(found[j], here, table_[i * kLimbs + j]);
      }
    }
    KPD_UNROLL for (unsigned j = 0; j < kLimbs; ++j) chosen_[j] = found[j];
  }

  /// power_ = base^exponent in Montgomery's form, by windows of four bits.
  void window_power() {
    const Lanes* exponent = as_lanes(job_.exponent);
    const Lanes zero = _mm512_setzero_si512();
    unsigned bit = job_.bits - 4;
    choose(bits_at(exponent, bit, 4));
    copy(power_, chosen_);
    while (bit > 0) {
      bit -= 4;
      for (unsigned i = 0; i < 4; ++i) m_.square(power_, power_, zero);
      choose(bits_at(exponent, bit, 4));
      m_.multiply(power_, power_, chosen_);
    }
  }

  /// Which lanes' power_, below 2 n, is `number` modulo n.
  __mmask8 power_is(const Lanes* number) const {
    Lanes other = _mm512_setzero_si512();  // number + n, carried on the way
    Lanes differs = _mm512_setzero_si512();
    Lanes differs_more = _mm512_setzero_si512();
    for (unsigned j = 0; j < kLimbs; ++j) {
      other = _mm512_add_epi64(_mm512_srli_epi64(other, 52), _mm512_add_epi64(number[j], m_.n[j]));
      differs = _mm512_or_si512(differs, _mm512_xor_si512(power_[j], number[j]));
      differs_more = _mm512_or_si512(
          differs_more, _mm512_xor_si512(power_[j], _mm512_and_si512(other, low_bits())));
    }
    const Lanes zero = _mm512_setzero_si512();
    return static_cast<__mmask8>(_mm512_cmpeq_epi64_mask(differs, zero) |
                                 _mm512_cmpeq_epi64_mask(differs_more, zero));
  }

  /// power_ is y = base^((n-1)/2^twos), below 4 n: passes when y is 1, or y^(2^i) is -1 for an i
  /// below `twos`. When not all powers of two are followed, 1 does not count.
  unsigned strong_result() {
    const Lanes zero = _mm512_setzero_si512();
    const Lanes twos = *as_lanes(job_.twos);
    m_.multiply(power_, power_, one_);
    const __mmask8 whole = _mm512_movepi64_mask(*as_lanes(job_.whole));
    unsigned passes = static_cast<unsigned>(power_is(one_) & whole) | power_is(minus_one_);
    for (unsigned i = 1; i < 16; ++i) {
      m_.square(power_, power_, zero);
      passes |=
          static_cast<unsigned>(power_is(minus_one_) & _mm512_cmpgt_epi64_mask(twos, lanes_of(i)));
    }
    return passes;
  }

  const Job& job_;
  Montgomery<kLimbs> m_;
  Lanes* table_;
  Lanes* one_;
  Lanes* power_;
  Lanes* chosen_;
  Lanes* minus_one_;
};

template <unsigned kLimbs>
unsigned strong_two(const Job& job) {
  return Machine<kLimbs>(job).strong_two();
}

template <unsigned kLimbs>
unsigned strong_base(const Job& job) {
  return Machine<kLimbs>(job).strong_base();
}

template <unsigned kLimbs>
void power(const Job& job) {
  Machine<kLimbs>(job).power();
}

template <unsigned kLimbs>
void multiply(const Job& job) {
  Machine<kLimbs>(job).multiply();
}

template <unsigned kLimbs>
constexpr Kernels kernels_of() {
  return {strong_two<kLimbs>, strong_base<kLimbs>, power<kLimbs>, multiply<kLimbs>};
}

}  // namespace
}  // namespace emvcrypto::factory::ifma
