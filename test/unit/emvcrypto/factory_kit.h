/// What the key factory's tests share: numbers of GMP's and a seed that is always the same.
#pragma once

#include <gmp.h>

#include <algorithm>
#include <cstdio>
#include <vector>

#include "emvcrypto/factory/key_factory.h"
#include "emvcrypto/factory/numbers.h"

namespace emvcrypto::test {

/// A number of GMP's with the little arithmetic that tests need.
class Big {
 public:
  explicit Big(unsigned long value = 0) { mpz_init_set_ui(z, value); }
  explicit Big(ByteView bytes) {
    mpz_init(z);
    mpz_import(z, bytes.size(), 1, 1, 0, 0, bytes.data());
  }
  explicit Big(const factory::Number& number) {
    mpz_init(z);
    mpz_import(z, number.size(), -1, 8, 0, 0, number.data());
  }
  Big(const Big& other) { mpz_init_set(z, other.z); }
  Big& operator=(const Big& other) {
    mpz_set(z, other.z);
    return *this;
  }
  ~Big() { mpz_clear(z); }

  factory::Number number() const {
    factory::Number limbs{};
    mpz_export(limbs.data(), nullptr, -1, 8, 0, 0, z);
    return limbs;
  }
  std::size_t bits() const { return mpz_sizeinbase(z, 2); }
  bool is_prime() const { return mpz_probab_prime_p(z, 24) != 0; }

  friend Big operator+(Big a, const Big& b) { return mpz_add(a.z, a.z, b.z), a; }
  friend Big operator-(Big a, const Big& b) { return mpz_sub(a.z, a.z, b.z), a; }
  friend Big operator*(Big a, const Big& b) { return mpz_mul(a.z, a.z, b.z), a; }
  friend Big operator/(Big a, const Big& b) { return mpz_fdiv_q(a.z, a.z, b.z), a; }
  friend Big operator%(Big a, const Big& b) { return mpz_fdiv_r(a.z, a.z, b.z), a; }
  friend bool operator==(const Big& a, const Big& b) { return mpz_cmp(a.z, b.z) == 0; }
  friend bool operator<(const Big& a, const Big& b) { return mpz_cmp(a.z, b.z) < 0; }

  mpz_t z;
};

inline Big power_of_two(unsigned bits) {
  Big result(1);
  mpz_mul_2exp(result.z, result.z, bits);
  return result;
}

inline Big gcd(const Big& a, const Big& b) {
  Big result;
  mpz_gcd(result.z, a.z, b.z);
  return result;
}

inline Big power(const Big& base, const Big& exponent, const Big& modulus) {
  Big result;
  mpz_powm(result.z, base.z, exponent.z, modulus.z);
  return result;
}

/// Seeds of the bytes n, n + 1, n + 2 ...; two of one n make the same keys.
inline KeyFactory::SeedSource counting_seed(std::uint8_t n) {
  return [n](MutableBytes out) mutable {
    for (std::uint8_t& byte : out) byte = n++;
  };
}

/// The paths that this machine has, the fastest first; those that it lacks are named on standard
/// error, once.
inline std::vector<FactoryPath> paths() {
  static const std::vector<FactoryPath> all = [] {
    std::vector<FactoryPath> had;
    for (const auto& [path, name] : kFactoryPaths) {
      if (factory_has(path))
        had.push_back(path);
      else
        std::fprintf(stderr, "key factory, path %s: not on this processor\n", name);
    }
    return had;
  }();
  return all;
}

}  // namespace emvcrypto::test
