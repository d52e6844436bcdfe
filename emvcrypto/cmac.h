/// CMAC over any block cipher (NIST SP 800-38B; ISO/IEC 9797-1 MAC algorithm 5). The key may be in
/// an HSM.
#pragma once

#include "emvcrypto/cipher.h"

namespace emvcrypto {

/// K1 of a key from its zero block enciphered, in place: multiplication by x in GF(2^128) or
/// GF(2^64) (SP 800-38B, 6.1); once more gives K2. block: 16 or 8 bytes.
void double_cmac_block(MutableBytes block);

/// The MAC, one block. The message may be secret: copies of it are wiped.
Bytes cmac(BlockCipher& cipher, ByteView message);

/// The same where the MAC is itself a secret: a part of a derived key.
Secret secret_cmac(BlockCipher& cipher, ByteView message);

}  // namespace emvcrypto
