#include "emvcrypto/factory/pair_maker.h"

#include <algorithm>
#include <stdexcept>

#include "emvcrypto/factory/secret_arithmetic.h"

namespace emvcrypto::factory {
namespace {

/// A number of GMP's that is no secret.
struct PublicNumber {
  mpz_t value;
  PublicNumber() { mpz_init(value); }
  PublicNumber(const mp_limb_t* limbs, std::size_t count) {
    mpz_init(value);
    mpz_import(value, count, -1, sizeof(mp_limb_t), 0, 0, limbs);
  }
  explicit PublicNumber(ByteView bytes) {
    mpz_init(value);
    mpz_import(value, bytes.size(), 1, 1, 0, 0, bytes.data());
  }
  PublicNumber(const PublicNumber&) = delete;
  PublicNumber& operator=(const PublicNumber&) = delete;
  ~PublicNumber() { mpz_clear(value); }
};

/// Big-endian, as many bytes as there is room for.
void write_bytes(const std::uint64_t* limbs, MutableBytes to) {
  for (std::size_t i = 0; i < to.size(); ++i)
    to[to.size() - 1 - i] = static_cast<std::uint8_t>(limbs[i / 8] >> (8 * (i % 8)));
}

Bytes exponent_bytes(unsigned exponent) {
  return exponent == 3 ? Bytes{3} : Bytes{1, 0, 1};
}

}  // namespace

PairMaker::PairMaker(const RsaShape& shape, PrimeSearch& search, LaneEngine& engine,
                     RandomStream& random)
    : shape_(shape), bits_(shape.bits / 2), search_(search), engine_(engine), random_(random) {
  const auto limbs = static_cast<mp_size_t>(limbs_of(bits_));
  if (mpn_sec_mul_itch(limbs, limbs) > static_cast<mp_size_t>(memory_->scratch.size()))
    throw std::logic_error("GMP wants more room than the key factory gives");
}

void PairMaker::make(std::size_t count, std::vector<RsaKeyPair>& pairs) {
  take_primes(count);
  invert();
  sign();
  for (std::size_t lane = 0; lane < count; ++lane) {
    if (!admitted(lane)) continue;
    Bytes n = modulus(lane);
    require_working(lane, n);
    const Memory& m = *memory_;
    pairs.push_back({{std::move(n), exponent_bytes(shape_.exponent)},
                     {part(m.p[lane]), part(m.q[lane]), part(m.dp[lane]), part(m.dq[lane]),
                      part(m.qinv[lane])}});
  }
}

void PairMaker::take_primes(std::size_t count) {
  Memory& m = *memory_;
  search_.find(2 * count);
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if (lane < count) {
      search_.take(m.p[lane]);
      search_.take(m.q[lane]);
      put_larger_first(m.p[lane], m.q[lane]);
    } else {
      m.p[lane] = m.p[0];  // a lane with nothing to do
      m.q[lane] = m.q[0];
    }
    crt_exponent(m.dp[lane], m.p[lane], shape_.exponent);
    crt_exponent(m.dq[lane], m.q[lane], shape_.exponent);
  }
}

void PairMaker::invert() {
  // Fermat: q^(p-2) is 1/q modulo the prime p, which is larger than q.
  Memory& m = *memory_;
  const Number two{2};
  for (std::size_t lane = 0; lane < kLanes; ++lane) subtract(m.exponents[lane], m.p[lane], two);
  engine_.power(m.p, m.q, m.exponents, m.qinv);
}

void PairMaker::sign() {
  // A random message below both primes, raised to the private exponent as a card does it (Garner):
  // s = s_q + q * ((s_p - s_q) * qinv mod p).
  Memory& m = *memory_;
  for (Number& message : m.messages) random_.draw(message, bits_ - 1);
  engine_.power(m.p, m.messages, m.dp, m.by_p);
  engine_.power(m.q, m.messages, m.dq, m.by_q);
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    Number& difference = m.exponents[lane];
    const std::uint64_t negative = subtract(difference, m.by_p[lane], m.by_q[lane]);
    add_where(mask_of(negative), difference, m.p[lane]);
  }
  engine_.multiply(m.p, m.exponents, m.qinv, m.by_p);
}

bool PairMaker::admitted(std::size_t lane) {
  Memory& m = *memory_;
  // |p - q| >= 2^(k - 99), so that it is above 2^(k - 100).
  subtract(m.difference, m.p[lane], m.q[lane]);
  if (reaches(m.difference, bits_ - kCloseBits + 1) == 0) return false;
  // d > 2^k (FIPS 186-5, A.1.1): a d of at most 2^k is below 2 (p - 1) and 2 (q - 1), so it would
  // be dp or dp + p - 1, and dq or dq + q - 1.
  const Number none{};
  Number one{1};
  const LongNumber dp = sum_of(m.dp[lane], none);
  const LongNumber dq = sum_of(m.dq[lane], none);
  subtract(m.difference, m.p[lane], one);
  const LongNumber dp_more = sum_of(m.dp[lane], m.difference);
  subtract(m.difference, m.q[lane], one);
  const LongNumber dq_more = sum_of(m.dq[lane], m.difference);
  if ((equal(dp, dq) | equal(dp, dq_more) | equal(dp_more, dq) | equal(dp_more, dq_more)) != 0)
    return false;
  return !shape_.full_parts || (full(m.dp[lane]) && full(m.dq[lane]) && full(m.qinv[lane]));
}

Bytes PairMaker::modulus(std::size_t lane) {
  Memory& m = *memory_;
  const auto limbs = static_cast<mp_size_t>(limbs_of(bits_));
  m.product = {};
  mpn_sec_mul(m.product.data(), m.p[lane].data(), limbs, m.q[lane].data(), limbs, m.scratch.data());
  Bytes bytes(shape_.bits / 8);
  write_bytes(m.product.data(), bytes);
  if (bytes.front() < 0x80) throw std::runtime_error("the key factory made too short a modulus");
  return bytes;
}

void PairMaker::require_working(std::size_t lane, const Bytes& modulus) {
  Memory& m = *memory_;
  const auto limbs = static_cast<mp_size_t>(limbs_of(bits_));
  m.product = {};
  mpn_sec_mul(m.product.data(), m.q[lane].data(), limbs, m.by_p[lane].data(), limbs,
              m.scratch.data());
  const mp_limb_t carry = mpn_add_n(m.product.data(), m.product.data(), m.by_q[lane].data(), limbs);
  mpn_sec_add_1(m.product.data() + limbs, m.product.data() + limbs, limbs, carry, m.scratch.data());
  // The signature and what it is of may be seen; the private key stands in neither.
  const PublicNumber n(modulus);
  const PublicNumber signature(m.product.data(), m.product.size());
  const PublicNumber message(m.messages[lane].data(), kMaxLimbs);
  PublicNumber recovered;
  mpz_powm_ui(recovered.value, signature.value, shape_.exponent, n.value);
  if (mpz_cmp(recovered.value, message.value) != 0)
    throw std::runtime_error(
        "the key factory made a pair that does not work: its arithmetic fails");
}

bool PairMaker::full(const Number& part) const {
  return reaches(part, static_cast<unsigned>(8 * (part_size() - 1))) != 0;
}

Secret PairMaker::part(const Number& number) const {
  Secret bytes(part_size());
  write_bytes(number.data(), bytes.expose_mutable());
  return bytes;
}

}  // namespace emvcrypto::factory
