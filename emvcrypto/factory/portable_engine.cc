// The engine for every processor, on GMP: one lane after the other.
#include <algorithm>
#include <stdexcept>

#include "emvcrypto/factory/lane_engine.h"
#include "emvcrypto/factory/locked_memory.h"
#include "emvcrypto/factory/portable_montgomery.h"
#include "emvcrypto/factory/prime_rules.h"

namespace emvcrypto::factory {
namespace {

constexpr unsigned kWindow = 6;  // bits of the exponent a shift, for base two

/// An exponent with room for one more limb than it has.
using Digits = std::array<std::uint64_t, kMaxLimbs + 1>;

struct Memory {
  MontgomeryRoom room;
  Number power, odd;
  Digits digits;
  std::array<mp_limb_t, 2 * kMaxLimbs> product;
  std::array<mp_limb_t, 4096> scratch;
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
      : bits_(bits), limbs_(limbs_of(bits)), montgomery_(memory_->room, bits) {
    const auto limbs = static_cast<mp_size_t>(limbs_);
    const mp_size_t most =
        std::max({mpn_sec_powm_itch(limbs, bits, limbs), mpn_sec_mul_itch(limbs, limbs),
                  mpn_sec_div_r_itch(2 * limbs, limbs)});
    if (most > static_cast<mp_size_t>(memory_->scratch.size()))
      throw std::logic_error("GMP wants more room than the key factory gives");
  }

  unsigned passes_base_two(const LaneNumbers& candidates) override {
    unsigned passes = 0;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      montgomery_.set_modulus(candidates[lane]);
      const OddPart part = odd_part(candidates[lane], limbs_, memory_->odd);
      power_of_two(memory_->odd);
      passes |= strong_result(part) << lane;
    }
    return passes;
  }

  unsigned passes_base(const LaneNumbers& candidates, const LaneNumbers& bases) override {
    unsigned passes = 0;
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      montgomery_.set_modulus(candidates[lane]);
      const OddPart part = odd_part(candidates[lane], limbs_, memory_->odd);
      raise(memory_->power, candidates[lane], bases[lane], memory_->odd);
      montgomery_.enter(memory_->power.data(), memory_->power.data());
      passes |= strong_result(part) << lane;
    }
    return passes;
  }

  void power(const LaneNumbers& moduli, const LaneNumbers& bases, const LaneNumbers& exponents,
             LaneNumbers& results) override {
    for (std::size_t lane = 0; lane < kLanes; ++lane)
      raise(results[lane], moduli[lane], bases[lane], exponents[lane]);
  }

  void multiply(const LaneNumbers& moduli, const LaneNumbers& a, const LaneNumbers& b,
                LaneNumbers& results) override {
    const auto limbs = static_cast<mp_size_t>(limbs_);
    mp_limb_t* product = memory_->product.data();
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      mpn_sec_mul(product, a[lane].data(), limbs, b[lane].data(), limbs, memory_->scratch.data());
      mpn_sec_div_r(product, 2 * limbs, moduli[lane].data(), limbs, memory_->scratch.data());
      results[lane] = {};
      std::copy_n(product, limbs_, results[lane].begin());
    }
  }

 private:
  void raise(Number& result, const Number& modulus, const Number& base, const Number& exponent) {
    const auto limbs = static_cast<mp_size_t>(limbs_);
    result = {};
    mpn_sec_powm(result.data(), base.data(), limbs, exponent.data(), bits_, modulus.data(), limbs,
                 memory_->scratch.data());
  }

  /// power = 2^exponent in Montgomery's form. A window squares six times and shifts by a digit d,
  /// which Montgomery::shift does with a factor 2^-64: the exponent x becomes 64 x + d - 64. From
  /// x = 1 this leads to the exponent when the digits are those of
  /// exponent + 64 + 64^2 + ... + 64^(windows - 1).
  void power_of_two(const Number& exponent) {
    Digits& digits = memory_->digits;
    digits = {};
    const unsigned windows = bits_ / kWindow + 1;
    for (unsigned i = 1; i < windows; ++i)
      digits[i * kWindow / 64] |= std::uint64_t{1} << (i * kWindow % 64);
    digits[kMaxLimbs] += add(digits, exponent);
    mp_limb_t* power = memory_->power.data();
    std::copy_n(montgomery_.two(), limbs_, power);
    for (unsigned i = windows; i-- > 0;) {
      for (unsigned j = 0; j < kWindow; ++j) montgomery_.square(power, power);
      montgomery_.shift(power, power, bits_at(digits, i * kWindow, kWindow));
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

  /// power is y = base^((n-1)/2^twos): 1 when y is 1, or y^(2^i) is -1 for an i below `twos`. When
  /// not all powers of two are followed, y = 1 does not count.
  unsigned strong_result(const OddPart& part) {
    mp_limb_t* power = memory_->power.data();
    mp_limb_t passes = montgomery_.same(power, montgomery_.one()) & part.whole;
    passes |= montgomery_.same(power, montgomery_.minus_one());
    for (unsigned i = 1; i < kMaxTwos; ++i) {
      montgomery_.square(power, power);
      const std::uint64_t followed = mask_of((i - part.twos) >> 63);
      passes |= montgomery_.same(power, montgomery_.minus_one()) & followed;
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
