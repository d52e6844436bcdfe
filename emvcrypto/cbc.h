/// Cipher block chaining from an initial value, over any block cipher (NIST SP 800-38A, 6.2).
#pragma once

#include "emvcrypto/cipher.h"

namespace emvcrypto {

/// Enciphers whole blocks in place. initial: one block. Throws std::invalid_argument on another
/// length.
void encrypt_cbc(BlockCipher& cipher, ByteView initial, MutableBytes blocks);

/// Deciphers whole blocks in place; one call of the cipher for all of them. As encrypt_cbc().
void decrypt_cbc(BlockCipher& cipher, ByteView initial, MutableBytes blocks);

}  // namespace emvcrypto
