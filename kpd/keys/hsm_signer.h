/// An RSA private key of a device as the raw signer that emvcrypto's certificates need.
#pragma once

#include <memory>

#include "emvcrypto/rsa.h"
#include "hsm/token.h"

namespace kpd {

class HsmSigner : public emvcrypto::RsaSigner {
 public:
  /// `key_uri` names the private key. Throws hsm::SetupError when it is not there.
  HsmSigner(std::shared_ptr<hsm::Token> token, const std::string& key_uri)
      : token_(std::move(token)), key_(token_->find(key_uri)) {
    hsm::RsaPublic numbers = token_->public_key(key_);
    public_key_ = {std::move(numbers.modulus), std::move(numbers.exponent)};
  }

  const emvcrypto::RsaPublicKey& public_key() const override { return public_key_; }
  std::vector<emvcrypto::Bytes> sign_raw(std::span<const emvcrypto::Bytes> blocks) override {
    return token_->sign_raw(key_, blocks);
  }

 private:
  std::shared_ptr<hsm::Token> token_;
  hsm::Key key_;
  emvcrypto::RsaPublicKey public_key_;
};

}  // namespace kpd
