/// Montgomery multiplication on GMP's limbs. Internal to the key factory.
///
/// mpn_sec_mul, mpn_sec_sqr, mpn_sec_tabselect, mpn_cnd_ functions and the loops mpn_add_n,
/// mpn_sub_n, mpn_com, mpn_mul_1 and mpn_addmul_1 take time and addresses from the size of their
/// operands alone. mpn_sec_powm, mpn_sec_div_r and mpn_sec_invert do not when the modulus is
/// secret: they look up its first or last byte in a table. So they are not used.
#pragma once

#include <gmp.h>

#include <array>
#include <type_traits>

#include "emvcrypto/factory/numbers.h"

namespace emvcrypto::factory {

static_assert(std::is_same_v<mp_limb_t, std::uint64_t> && GMP_NUMB_BITS == 64);

/// Room that a Montgomery works in; the caller keeps it in locked memory.
struct MontgomeryRoom {
  std::array<mp_limb_t, 2 * kMaxLimbs + 1> product;
  std::array<mp_limb_t, 256> scratch;
  Number modulus, one, minus_one, two;
  mp_limb_t inverse;
};

/// Products modulo one odd n whose top bit in its `bits`, a multiple of 4, is set;
/// R = 2^(64 limbs). Numbers are below 2 n and below R. That lasts: when n fills its limbs, R is
/// below 2 n, and a result that reached R is made less by n; otherwise 16 n is below R, and
/// (2n * 2n + R n) / R below 2 n.
class Montgomery {
 public:
  /// Throws std::logic_error when the room is too small for GMP.
  Montgomery(MontgomeryRoom& room, unsigned bits);

  void set_modulus(const Number& modulus);

  /// result = a * b / R; the result may be a factor.
  void multiply(mp_limb_t* result, const mp_limb_t* a, const mp_limb_t* b);
  /// result = a * a / R
  void square(mp_limb_t* result, const mp_limb_t* a);
  /// result = a * 2^(shift - 64), for a shift of 0 to 63.
  void shift(mp_limb_t* result, const mp_limb_t* a, unsigned shift);

  /// Subtracts n from an a that is not below it.
  void reduce_once(mp_limb_t* a);

  /// All ones when a is b modulo n, for a b below n.
  mp_limb_t same(const mp_limb_t* a, const mp_limb_t* b);

  /// R, -R and 2 R modulo n: the numbers one, minus one and two in Montgomery's form.
  const mp_limb_t* one() const { return room_.one.data(); }
  const mp_limb_t* minus_one() const { return room_.minus_one.data(); }
  const mp_limb_t* two() const { return room_.two.data(); }

 private:
  void double_modulo(mp_limb_t* a);
  void divide_by_r(mp_limb_t* result);

  MontgomeryRoom& room_;
  unsigned bits_;
  mp_size_t limbs_;
};

}  // namespace emvcrypto::factory
