/// Powers and strong tests on eight numbers in vector registers. Only for files that are compiled
/// for these registers' instructions; each has a copy of its own.
#pragma once

#include "emvcrypto/factory/vector_kernel.h"

namespace emvcrypto::factory {
namespace {

/// The functions of VectorKernels, over the Montgomery arithmetic of a kind of lanes. Numbers that
/// products give are below 2 n.
template <class Montgomery>
class VectorMachine {
  using Vector = typename Montgomery::Vector;
  using Lanes = typename Vector::Lanes;
  static constexpr unsigned kLimbBits = Vector::kLimbBits;

 public:
  explicit VectorMachine(const VectorJob& job)
      : job_(job),
        m_(as_lanes(job.modulus), job.limbs),
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
    to_montgomery(table_ + m_.limbs(), as_lanes(job_.base));
    make_table(table_ + m_.limbs());
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
    return reinterpret_cast<Lanes*>(job_.work) + std::size_t{index} * m_.limbs();
  }

  void copy(Lanes* to, const Lanes* from) const {
    for (unsigned j = 0; j < m_.limbs(); ++j) to[j] = from[j];
  }

  void set_small(Lanes* number, std::uint64_t value) const {
    number[0] = Vector::of(value);
    for (unsigned j = 1; j < m_.limbs(); ++j) number[j] = Vector::of(0);
  }

  static Lanes low_bits() { return Vector::of((std::uint64_t{1} << kLimbBits) - 1); }

  /// `count` bits of each exponent from bit `bit` on; they stand in one limb.
  static Lanes bits_at(const Lanes* exponent, unsigned bit, unsigned count) {
    const Lanes limb = Vector::shift_right(exponent[bit / kLimbBits], bit % kLimbBits);
    return limb & Vector::of((std::uint64_t{1} << count) - 1);
  }

  /// result = minuend - subtrahend - borrow, one limb; the borrow becomes the next limb's.
  static void subtract(Lanes& result, Lanes minuend, Lanes subtrahend, Lanes& borrow) {
    const Lanes difference = minuend - subtrahend - borrow;
    borrow = Vector::shift_right(difference, 63);
    result = difference & low_bits();
  }

  /// one_ = R mod n, minus_one_ = n - one_: 2^bits - n, which is below n, doubled until it is R.
  void make_one() {
    Lanes borrow = Vector::of(0);
    for (unsigned j = 0; j < m_.limbs(); ++j) {
      const std::uint64_t limb = j == job_.bits / kLimbBits ? 1ULL << (job_.bits % kLimbBits) : 0;
      subtract(one_[j], Vector::of(limb), m_.n[j], borrow);
    }
    for (unsigned bit = job_.bits; bit < m_.limbs() * kLimbBits; ++bit) {
      m_.carry(one_, one_, Vector::of(1));
      m_.reduce_once(one_);
    }
    borrow = Vector::of(0);
    for (unsigned j = 0; j < m_.limbs(); ++j) subtract(minus_one_[j], m_.n[j], one_[j], borrow);
  }

  /// to = number * R mod n: R times R is two to the power log2 R in Montgomery's form.
  void to_montgomery(Lanes* to, const Lanes* number) {
    const unsigned log_r = m_.limbs() * kLimbBits;
    copy(chosen_, one_);
    for (unsigned bit = 11; bit-- > 0;) m_.square(chosen_, chosen_, Vector::of((log_r >> bit) & 1));
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
    copy(table_ + m_.limbs(), base);
    for (unsigned i = 2; i < 16; ++i)
      m_.multiply(table_ + i * m_.limbs(), table_ + (i - 1) * m_.limbs(), base);
  }

  /// power_ = base^exponent in Montgomery's form, by windows of four bits.
  void window_power() {
    const Lanes* exponent = as_lanes(job_.exponent);
    const Lanes zero = Vector::of(0);
    unsigned bit = job_.bits - 4;
    m_.look_up(chosen_, table_, bits_at(exponent, bit, 4));
    copy(power_, chosen_);
    while (bit > 0) {
      bit -= 4;
      for (unsigned i = 0; i < 4; ++i) m_.square(power_, power_, zero);
      m_.look_up(chosen_, table_, bits_at(exponent, bit, 4));
      m_.multiply(power_, power_, chosen_);
    }
  }

  /// Which lanes' power_, below 2 n, is `number` modulo n.
  unsigned power_is(const Lanes* number) const {
    Lanes other = Vector::of(0);  // number + n, carried on the way
    Lanes differs = Vector::of(0);
    Lanes differs_more = Vector::of(0);
    for (unsigned j = 0; j < m_.limbs(); ++j) {
      other = Vector::shift_right(other, kLimbBits) + number[j] + m_.n[j];
      differs = differs | (power_[j] ^ number[j]);
      differs_more = differs_more | (power_[j] ^ (other & low_bits()));
    }
    return Vector::zero(differs) | Vector::zero(differs_more);
  }

  /// power_ is y = base^((n-1)/2^twos), below 4 n: passes when y is 1, or y^(2^i) is -1 for an i
  /// below `twos`. When not all powers of two are followed, 1 does not count.
  unsigned strong_result() {
    const Lanes zero = Vector::of(0);
    const Lanes twos = *as_lanes(job_.twos);
    m_.multiply(power_, power_, one_);
    unsigned passes = power_is(one_) & Vector::negative(*as_lanes(job_.whole));
    passes |= power_is(minus_one_);
    for (unsigned i = 1; i < 16; ++i) {
      m_.square(power_, power_, zero);
      passes |= power_is(minus_one_) & Vector::negative(Vector::of(i) - twos);
    }
    return passes;
  }

  const VectorJob& job_;
  Montgomery m_;
  Lanes* table_;
  Lanes* one_;
  Lanes* power_;
  Lanes* chosen_;
  Lanes* minus_one_;
};

template <class Montgomery>
unsigned strong_two(const VectorJob& job) {
  return VectorMachine<Montgomery>(job).strong_two();
}

template <class Montgomery>
unsigned strong_base(const VectorJob& job) {
  return VectorMachine<Montgomery>(job).strong_base();
}

template <class Montgomery>
void power(const VectorJob& job) {
  VectorMachine<Montgomery>(job).power();
}

template <class Montgomery>
void multiply(const VectorJob& job) {
  VectorMachine<Montgomery>(job).multiply();
}

template <class Montgomery>
constexpr VectorKernels kernels_of() {
  return {strong_two<Montgomery>, strong_base<Montgomery>, power<Montgomery>, multiply<Montgomery>};
}

}  // namespace
}  // namespace emvcrypto::factory
