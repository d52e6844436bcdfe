/// Block ciphers as this product needs them: many blocks a call, the key out of sight.
#pragma once

#include <memory>

#include "emvcrypto/bytes.h"
#include "emvcrypto/secret.h"

namespace emvcrypto {

/// A block cipher under one key. The key may be in this process or in an HSM; whoever calls cannot
/// tell. Lengths that are not a multiple of the block size throw std::invalid_argument; a device
/// that fails throws its own error.
class BlockCipher {
 public:
  virtual ~BlockCipher() = default;

  /// 8 (DES, 3DES) or 16 (AES) bytes.
  virtual std::size_t block_size() const = 0;

  /// ECB over every block of `blocks`, in place.
  virtual void encrypt(MutableBytes blocks) = 0;
  virtual void decrypt(MutableBytes blocks) = 0;

  /// CBC of one message with a zero initial value, in place.
  virtual void encrypt_cbc(MutableBytes message) = 0;
};

/// Single DES (8 bytes of key), two-key 3DES (16) or three-key 3DES (24) in this process; parity
/// bits are ignored. Throws std::invalid_argument on another length.
std::unique_ptr<BlockCipher> make_des(ByteView key);

/// AES-128, -192 or -256 in this process. Throws std::invalid_argument on another length.
std::unique_ptr<BlockCipher> make_aes(ByteView key);

/// Forces odd parity on every byte of a DES key, in place.
void set_odd_parity(MutableBytes key);

}  // namespace emvcrypto
