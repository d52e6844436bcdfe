#include "emvcrypto/factory/portable_montgomery.h"

#include <algorithm>
#include <stdexcept>

namespace emvcrypto::factory {

Montgomery::Montgomery(MontgomeryRoom& room, unsigned bits)
    : room_(room), bits_(bits), limbs_(static_cast<mp_size_t>(limbs_of(bits))) {
  const auto room_for = static_cast<mp_size_t>(room_.scratch.size());
  if (mpn_sec_sqr_itch(limbs_) > room_for || mpn_sec_mul_itch(limbs_, limbs_) > room_for)
    throw std::logic_error("GMP wants more room than the key factory gives");
}

void Montgomery::set_modulus(const Number& modulus) {
  room_.modulus = modulus;
  room_.inverse = 0 - inverse_of_limb(modulus[0]);
  // 2^bits - n is below n; doubled it becomes R modulo n.
  Number& one = room_.one;
  mpn_com(one.data(), room_.modulus.data(), limbs_);
  one[0] |= 1;  // the complement plus one: n is odd
  const unsigned top = bits_ % 64;
  if (top != 0) one[static_cast<std::size_t>(limbs_) - 1] &= (mp_limb_t{1} << top) - 1;
  for (unsigned bit = bits_; bit < 64 * limbs_; ++bit) double_modulo(one.data());
  mpn_sub_n(room_.minus_one.data(), room_.modulus.data(), one.data(), limbs_);
  room_.two = one;
  double_modulo(room_.two.data());
}

void Montgomery::double_modulo(mp_limb_t* a) {
  mp_limb_t* twice = room_.product.data();
  const mp_limb_t carry = mpn_add_n(twice, a, a, limbs_);
  const mp_limb_t borrow = mpn_sub_n(a, twice, room_.modulus.data(), limbs_);
  mpn_cnd_add_n(borrow & (carry ^ 1), a, a, room_.modulus.data(), limbs_);
}

void Montgomery::divide_by_r(mp_limb_t* result) {
  mp_limb_t* product = room_.product.data();
  const mp_limb_t* modulus = room_.modulus.data();
  for (mp_size_t i = 0; i < limbs_; ++i)
    product[i] = mpn_addmul_1(product + i, modulus, limbs_, product[i] * room_.inverse);
  const mp_limb_t carry = mpn_add_n(result, product + limbs_, product, limbs_);
  mpn_cnd_sub_n(carry, result, result, modulus, limbs_);
}

void Montgomery::multiply(mp_limb_t* result, const mp_limb_t* a, const mp_limb_t* b) {
  mpn_sec_mul(room_.product.data(), a, limbs_, b, limbs_, room_.scratch.data());
  divide_by_r(result);
}

void Montgomery::square(mp_limb_t* result, const mp_limb_t* a) {
  mpn_sec_sqr(room_.product.data(), a, limbs_, room_.scratch.data());
  divide_by_r(result);
}

void Montgomery::shift(mp_limb_t* result, const mp_limb_t* a, unsigned shift) {
  mp_limb_t* shifted = room_.product.data();
  const mp_limb_t* modulus = room_.modulus.data();
  const mp_limb_t top = mpn_mul_1(shifted, a, limbs_, mp_limb_t{1} << shift);
  const mp_limb_t over = mpn_addmul_1(shifted, modulus, limbs_, shifted[0] * room_.inverse);
  shifted[limbs_] = top + over;
  const mp_limb_t carry = shifted[limbs_] < over ? 1 : 0;
  mpn_cnd_sub_n(carry, result, shifted + 1, modulus, limbs_);
}

void Montgomery::reduce_once(mp_limb_t* a) {
  const mp_limb_t borrow = mpn_sub_n(a, a, room_.modulus.data(), limbs_);
  mpn_cnd_add_n(borrow, a, a, room_.modulus.data(), limbs_);
}

mp_limb_t Montgomery::same(const mp_limb_t* a, const mp_limb_t* b) {
  mp_limb_t* reduced = room_.product.data();
  const mp_limb_t borrow = mpn_sub_n(reduced, a, room_.modulus.data(), limbs_);
  mp_limb_t differs_less = 0;
  mp_limb_t differs = 0;
  for (mp_size_t i = 0; i < limbs_; ++i) {
    differs |= a[i] ^ b[i];
    differs_less |= reduced[i] ^ b[i];
  }
  return mask_of(is_zero(differs)) | mask_of(is_zero(differs_less | borrow));
}

}  // namespace emvcrypto::factory
