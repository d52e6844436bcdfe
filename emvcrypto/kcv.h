/// Key check values.
#pragma once

#include "emvcrypto/cipher.h"

namespace emvcrypto {

/// DES and 3DES: the leftmost 3 bytes of a zero block enciphered.
Bytes des_kcv(BlockCipher& cipher);

/// The same for any cipher: the legacy check value of X9.24-1, and what PKCS#11 gives for AES.
Bytes zero_kcv(BlockCipher& cipher);

/// AES as GlobalPlatform and CPS 2.0 have it: the leftmost 3 bytes of 01*16 enciphered.
Bytes aes_gp_kcv(BlockCipher& cipher);

/// AES as X9.143 has it: the leftmost `length` bytes of the CMAC of a zero block.
Bytes aes_cmac_kcv(ByteView key, std::size_t length = 5);

/// The same for any cipher: the leftmost `length` bytes (1 to a block) of the CMAC of a zero block.
Bytes cmac_kcv(BlockCipher& cipher, std::size_t length = 5);

}  // namespace emvcrypto
