/// A key of a PKCS#11 device as the block cipher that emvcrypto computes with.
#pragma once

#include <memory>

#include "emvcrypto/cipher.h"
#include "hsm/token.h"

namespace kpd {

/// ECB and CBC under one key of a token. Shares the token and the key, so that it may outlive
/// whoever made it; thread-safe as the token is. Lengths that are no whole number of blocks throw
/// std::invalid_argument; hsm::Error comes through.
class HsmCipher : public emvcrypto::BlockCipher {
 public:
  /// key: DES2, DES3 or AES with the usage for what will be called; std::invalid_argument
  /// otherwise.
  HsmCipher(std::shared_ptr<hsm::Token> token, hsm::Key key);

  std::size_t block_size() const override { return block_size_; }
  void encrypt(emvcrypto::MutableBytes blocks) override;
  void decrypt(emvcrypto::MutableBytes blocks) override;
  void encrypt_cbc(emvcrypto::MutableBytes message) override;

 private:
  void check(emvcrypto::ByteView blocks) const;

  std::shared_ptr<hsm::Token> token_;
  hsm::Key key_;
  std::size_t block_size_ = 0;
};

}  // namespace kpd
