#include "emvcrypto/rsa.h"

#include <gmp.h>

#include <algorithm>
#include <stdexcept>

#include "emvcrypto/botan_primitives.h"

namespace emvcrypto {
namespace {

void require_below_modulus(const RsaPublicKey& key, ByteView block) {
  if (block.size() != key.size() || !std::ranges::lexicographical_compare(block, key.modulus))
    throw std::invalid_argument("an RSA block must be as long as the modulus and below it");
}

/// A number that anybody may know.
class PublicNumber {
 public:
  PublicNumber() { mpz_init(value_); }
  explicit PublicNumber(ByteView bytes) : PublicNumber() {
    // Whole words are read much faster than bytes.
    const std::size_t word = bytes.size() % sizeof(mp_limb_t) == 0 ? sizeof(mp_limb_t) : 1;
    mpz_import(value_, bytes.size() / word, 1, word, 1, 0, bytes.data());
  }
  ~PublicNumber() { mpz_clear(value_); }
  PublicNumber(const PublicNumber&) = delete;
  PublicNumber& operator=(const PublicNumber&) = delete;
  mpz_ptr get() { return value_; }

  /// In so many bytes; it must fit.
  Bytes bytes(std::size_t size) const {
    Bytes all(size);
    const std::size_t count = mpz_sgn(value_) == 0 ? 0 : (mpz_sizeinbase(value_, 2) + 7) / 8;
    mpz_export(all.data() + size - count, nullptr, 1, 1, 1, 0, value_);
    return all;
  }

 private:
  mpz_t value_;
};

class SoftwareSigner : public RsaSigner {
 public:
  SoftwareSigner(RsaPublicKey key, std::unique_ptr<botan::CrtKey> crt)
      : key_(std::move(key)), crt_(std::move(crt)) {}

  const RsaPublicKey& public_key() const override { return key_; }

  std::vector<Bytes> sign_raw(std::span<const Bytes> blocks) override {
    std::vector<Bytes> results;
    results.reserve(blocks.size());
    for (const Bytes& block : blocks) {
      require_below_modulus(key_, block);
      results.push_back(crt_->sign(block, key_.size()));
    }
    return results;
  }

 private:
  RsaPublicKey key_;
  std::unique_ptr<botan::CrtKey> crt_;
};

}  // namespace

Bytes rsa_recover(const RsaPublicKey& key, ByteView block) {
  require_below_modulus(key, block);
  PublicNumber number(block), exponent(key.exponent), modulus(key.modulus), result;
  if (mpz_sgn(modulus.get()) == 0) throw std::invalid_argument("an RSA modulus is not zero");
  if (mpz_cmp_ui(exponent.get(), 3) == 0) {  // no preparation pays for two products
    mpz_mul(result.get(), number.get(), number.get());
    mpz_mod(result.get(), result.get(), modulus.get());
    mpz_mul(result.get(), result.get(), number.get());
    mpz_mod(result.get(), result.get(), modulus.get());
  } else {
    mpz_powm(result.get(), number.get(), exponent.get(), modulus.get());
  }
  return result.bytes(key.size());
}

std::unique_ptr<RsaSigner> make_rsa_signer(const RsaPublicKey& key, const RsaPrivateCrt& crt) {
  return std::make_unique<SoftwareSigner>(
      key, botan::make_crt_key(key.modulus, key.exponent, crt.p.expose(), crt.q.expose(),
                               crt.dp.expose(), crt.dq.expose(), crt.qinv.expose()));
}

}  // namespace emvcrypto
