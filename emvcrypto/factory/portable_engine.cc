// The engine for every processor, on GMP: one lane after the other.
#include <algorithm>

#include "emvcrypto/factory/lane_engine.h"
#include "emvcrypto/factory/locked_memory.h"
#include "emvcrypto/factory/portable_montgomery.h"
#include "emvcrypto/factory/prime_rules.h"

namespace emvcrypto::factory {
namespace {

constexpr unsigned kShiftWindow = 6;  // bits of the exponent a shift, for base two
constexpr unsigned kWindow = 5;       // bits of the exponent a look-up, for other bases
constexpr std::size_t kTable = std::size_t{1} << kWindow;

/// An exponent with room for one more limb than it has.
using Digits = std::array<std::uint64_t, kMaxLimbs + 1>;

struct Memory {
  MontgomeryRoom room;
  Number power, chosen, base, odd;
  Digits digits;
  std::array<mp_limb_t, kTable * kMaxLimbs> table;
};

/// `count` bits from bit `bit` on; the place is public.
unsigned bits_at(const Digits& digits, unsigned bit, unsigned count) {
  const unsigned limb = bit / 64;
  const unsigned shift = bit % 64;
  std::uint64_t bits = digits[limb] >> shift;
  if (shift + count > 64 && limb + 1 < digits.size()) bits |= digits[limb + 1] << (64 - shift);
  return static_cast<unsigned>(bits & ((1U << count) - 1));
}

class PortableEngine : public LaneEngine {
 public:
  explicit PortableEngine(unsigned bits)
      : bits_(bits), limbs_(limbs_of(bits)), montgomery_(memory_->room, bits) {}

  unsigned passes_base_two(const LaneNumbers& candidates) override {
    unsigned passes = 0;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      montgomery_.set_modulus(candidates[lane]);
      const OddPart part = odd_part(candidates[lane], limbs_, memory_->odd);
      power_of_two(memory_->odd, bits_);
      passes |= strong_result(part) << lane;
    }
    return passes;
  }

  unsigned passes_base(const LaneNumbers& candidates, const LaneNumbers& bases) override {
    unsigned passes = 0;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      montgomery_.set_modulus(candidates[lane]);
      const OddPart part = odd_part(candidates[lane], limbs_, memory_->odd);
      memory_->base = bases[lane];
      window_power(memory_->odd);
      passes |= strong_result(part) << lane;
    }
    return passes;
  }

  void power(const LaneNumbers& moduli, const LaneNumbers& bases, const LaneNumbers& exponents,
             LaneNumbers& results) override {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      enter(moduli[lane], bases[lane]);
      window_power(exponents[lane]);
      leave(memory_->power, Number{1}, results[lane]);
    }
  }

  void multiply(const LaneNumbers& moduli, const LaneNumbers& a, const LaneNumbers& b,
                LaneNumbers& results) override {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      enter(moduli[lane], a[lane]);
      leave(memory_->base, b[lane], results[lane]);
    }
  }

 private:
  /// base = number in Montgomery's form: times R^2, which is two to the power log2 R in that form.
  void enter(const Number& modulus, const Number& number) {
    montgomery_.set_modulus(modulus);
    power_of_two(Number{64 * limbs_}, 11);
    memory_->base = number;
    montgomery_.multiply(memory_->base.data(), memory_->base.data(), memory_->power.data());
  }

  /// result = a * b / R for a b below n.
  void leave(const Number& a, const Number& b, Number& result) {
    result = {};
    montgomery_.multiply(result.data(), a.data(), b.data());
    montgomery_.reduce_once(result.data());
  }

  /// power = 2^exponent in Montgomery's form. A window squares six times and shifts by a digit d,
  /// which Montgomery::shift does with a factor 2^-64: the exponent x becomes 64 x + d - 64. From
  /// x = 1 this leads to the exponent when the digits are those of
  /// exponent + 64 + 64^2 + ... + 64^(windows - 1).
  void power_of_two(const Number& exponent, unsigned bits) {
    Digits& digits = memory_->digits;
    digits = {};
    const unsigned windows = bits / kShiftWindow + 1;
    for (unsigned i = 1; i < windows; ++i)
      digits[i * kShiftWindow / 64] |= std::uint64_t{1} << (i * kShiftWindow % 64);
    digits[kMaxLimbs] += add(digits, exponent);
    mp_limb_t* power = memory_->power.data();
    std::copy_n(montgomery_.two(), limbs_, power);
    for (unsigned i = windows; i-- > 0;) {
      for (unsigned j = 0; j < kShiftWindow; ++j) montgomery_.square(power, power);
      montgomery_.shift(power, power, bits_at(digits, i * kShiftWindow, kShiftWindow));
    }
  }

  static std::uint64_t add(Digits& to, const Number& number) {
    std::uint64_t carry = 0;
    for (std::size_t i = 0; i < kMaxLimbs; ++i) {
      const Wide sum = static_cast<Wide>(to[i]) + number[i] + carry;
      to[i] = static_cast<std::uint64_t>(sum);
      carry = static_cast<std::uint64_t>(sum >> 64);
    }
    return carry;
  }

  /// power = base^exponent in Montgomery's form; every look-up reads the whole table.
  void window_power(const Number& exponent) {
    Digits& digits = memory_->digits;
    std::copy(exponent.begin(), exponent.end(), digits.begin());
    digits[kMaxLimbs] = 0;
    mp_limb_t* table = memory_->table.data();
    std::copy_n(montgomery_.one(), limbs_, table);
    std::copy_n(memory_->base.data(), limbs_, table + limbs_);
    for (std::size_t i = 2; i < kTable; ++i)
      montgomery_.multiply(table + i * limbs_, table + (i - 1) * limbs_, memory_->base.data());
    mp_limb_t* power = memory_->power.data();
    const unsigned windows = (bits_ + kWindow - 1) / kWindow;
    choose(power, bits_at(digits, (windows - 1) * kWindow, kWindow));
    for (unsigned i = windows - 1; i-- > 0;) {
      for (unsigned j = 0; j < kWindow; ++j) montgomery_.square(power, power);
      choose(memory_->chosen.data(), bits_at(digits, i * kWindow, kWindow));
      montgomery_.multiply(power, power, memory_->chosen.data());
    }
  }

  void choose(mp_limb_t* to, unsigned digit) {
    mpn_sec_tabselect(to, memory_->table.data(), static_cast<mp_size_t>(limbs_), kTable, digit);
  }

  /// power is y = base^((n-1)/2^twos): 1 when y is 1, or y^(2^i) is -1 for an i below `twos`. When
  /// not all powers of two are followed, y = 1 does not count.
  unsigned strong_result(const OddPart& part) {
    mp_limb_t* power = memory_->power.data();
    mp_limb_t passes = montgomery_.same(power, montgomery_.one()) & part.whole;
    passes |= montgomery_.same(power, montgomery_.minus_one());
    std::uint64_t beyond = 0 - part.twos;  // negative while powers of two are left
    for (unsigned i = 1; i < kMaxTwos; ++i) {
      montgomery_.square(power, power);
      beyond = opaque(beyond + 1);
      passes |= montgomery_.same(power, montgomery_.minus_one()) & mask_of(beyond >> 63);
    }
    return static_cast<unsigned>(passes & 1);
  }

  unsigned bits_;
  std::size_t limbs_;
  Locked<Memory> memory_;
  Montgomery montgomery_;
};

}  // namespace

std::unique_ptr<LaneEngine> make_portable_engine(unsigned bits) {
  return std::make_unique<PortableEngine>(bits);
}

}  // namespace emvcrypto::factory
