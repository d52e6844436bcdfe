#include "emvcrypto/rsa.h"

#include <stdexcept>

#include "emvcrypto/botan_primitives.h"

namespace emvcrypto {
namespace {

void require_below_modulus(const RsaPublicKey& key, ByteView block) {
  if (block.size() != key.size() || !botan::less(block, key.modulus))
    throw std::invalid_argument("an RSA block must be as long as the modulus and below it");
}

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
  return botan::power_mod(block, key.exponent, key.modulus);
}

std::unique_ptr<RsaSigner> make_rsa_signer(const RsaPublicKey& key, const RsaPrivateCrt& crt) {
  return std::make_unique<SoftwareSigner>(
      key, botan::make_crt_key(key.modulus, key.exponent, crt.p.expose(), crt.q.expose(),
                               crt.dp.expose(), crt.dq.expose(), crt.qinv.expose()));
}

}  // namespace emvcrypto
