#include "emvcrypto/kcv.h"

#include <stdexcept>

#include "emvcrypto/cmac.h"
#include "emvcrypto/mac.h"

namespace emvcrypto {
namespace {

constexpr std::size_t kKcvSize = 3;

Bytes enciphered_prefix(BlockCipher& cipher, Bytes block) {
  cipher.encrypt(block);
  block.resize(kKcvSize);
  return block;
}

}  // namespace

Bytes des_kcv(BlockCipher& cipher) {
  return enciphered_prefix(cipher, Bytes(8));
}

Bytes zero_kcv(BlockCipher& cipher) {
  return enciphered_prefix(cipher, Bytes(cipher.block_size()));
}

Bytes aes_gp_kcv(BlockCipher& cipher) {
  return enciphered_prefix(cipher, Bytes(16, 0x01));
}

Bytes aes_cmac_kcv(ByteView key, std::size_t length) {
  if (length == 0 || length > 16) throw std::invalid_argument("a KCV has 1 to 16 bytes");
  Bytes mac = aes_cmac(key, Bytes(16));
  mac.resize(length);
  return mac;
}

Bytes cmac_kcv(BlockCipher& cipher, std::size_t length) {
  const std::size_t block = cipher.block_size();
  if (length == 0 || length > block) throw std::invalid_argument("a KCV has 1 byte to one block");
  Bytes mac = cmac(cipher, Bytes(block));
  mac.resize(length);
  return mac;
}

}  // namespace emvcrypto
