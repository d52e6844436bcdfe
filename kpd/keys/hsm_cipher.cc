#include "kpd/keys/hsm_cipher.h"

#include <stdexcept>

namespace kpd {
namespace {

std::size_t block_size_of(const hsm::Key& key) {
  if (!key) throw std::invalid_argument("a cipher needs a key");
  switch (key.type()) {
    case hsm::KeyType::des2:
    case hsm::KeyType::des3:
      return 8;
    case hsm::KeyType::aes:
      return 16;
    default:
      throw std::invalid_argument("not a block cipher's key: " + key.label());
  }
}

}  // namespace

HsmCipher::HsmCipher(std::shared_ptr<hsm::Token> token, hsm::Key key)
    : token_(std::move(token)), key_(std::move(key)), block_size_(block_size_of(key_)) {}

void HsmCipher::encrypt(emvcrypto::MutableBytes blocks) {
  check(blocks);
  token_->encrypt_ecb(key_, blocks);
}

void HsmCipher::decrypt(emvcrypto::MutableBytes blocks) {
  check(blocks);
  token_->decrypt_ecb(key_, blocks);
}

void HsmCipher::encrypt_cbc(emvcrypto::MutableBytes message) {
  check(message);
  token_->encrypt_cbc(key_, message);
}

void HsmCipher::check(emvcrypto::ByteView blocks) const {
  if (blocks.size() % block_size_ != 0)
    throw std::invalid_argument("a block cipher takes whole blocks");
}

}  // namespace kpd
