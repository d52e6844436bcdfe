#include "emvcrypto/cipher.h"

#include <algorithm>
#include <bit>
#include <stdexcept>

#include "emvcrypto/botan_primitives.h"

namespace emvcrypto {
namespace {

class SoftwareCipher : public BlockCipher {
 public:
  explicit SoftwareCipher(std::unique_ptr<botan::Cipher> cipher) : cipher_(std::move(cipher)) {}

  std::size_t block_size() const override { return cipher_->block_size(); }

  void encrypt(MutableBytes blocks) override {
    require_whole(blocks.size());
    cipher_->encrypt(blocks);
  }

  void decrypt(MutableBytes blocks) override {
    require_whole(blocks.size());
    cipher_->decrypt(blocks);
  }

  void encrypt_cbc(MutableBytes message) override {
    require_whole(message.size());
    const std::size_t size = block_size();
    for (std::size_t at = 0; at < message.size(); at += size) {
      const MutableBytes block = message.subspan(at, size);
      if (at > 0)
        for (std::size_t i = 0; i < size; ++i) block[i] ^= message[at - size + i];
      cipher_->encrypt(block);
    }
  }

 private:
  void require_whole(std::size_t size) const {
    if (size % block_size() != 0) throw std::invalid_argument("not a whole number of blocks");
  }

  std::unique_ptr<botan::Cipher> cipher_;
};

}  // namespace

std::unique_ptr<BlockCipher> make_des(ByteView key) {
  if (key.size() != 8 && key.size() != 16 && key.size() != 24)
    throw std::invalid_argument("a DES key has 8, 16 or 24 bytes");
  return std::make_unique<SoftwareCipher>(
      botan::make_cipher(key.size() == 8 ? "DES" : "TripleDES", key));
}

std::unique_ptr<BlockCipher> make_aes(ByteView key) {
  switch (key.size()) {
    case 16:
      return std::make_unique<SoftwareCipher>(botan::make_cipher("AES-128", key));
    case 24:
      return std::make_unique<SoftwareCipher>(botan::make_cipher("AES-192", key));
    case 32:
      return std::make_unique<SoftwareCipher>(botan::make_cipher("AES-256", key));
    default:
      throw std::invalid_argument("an AES key has 16, 24 or 32 bytes");
  }
}

void set_odd_parity(MutableBytes key) {
  for (std::uint8_t& b : key)
    if (std::popcount(b) % 2 == 0) b ^= 1;
}

}  // namespace emvcrypto
