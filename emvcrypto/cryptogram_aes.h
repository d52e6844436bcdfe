/// Application cryptograms, issuer authentication and session keys of cards with AES keys (EMV 4.4
/// Book 2, 8 and A1.2-A1.3), beside those with DES keys in cryptogram.h.
#pragma once

#include "emvcrypto/cipher.h"

namespace emvcrypto {

/// What the master key enciphers by ECB for the AC session key (A1.3.1): R = ATC | 00*14, once for
/// a key of 16 bytes; else R with F0 and R with 0F in its third byte, 32 bytes. atc: 2 bytes;
/// key_size: 16, 24 or 32 (std::invalid_argument otherwise).
Bytes session_key_input_aes(ByteView atc, std::size_t key_size);

/// The same for script session keys (SMI, SMC): R = AC (8 bytes) | 00*8.
Bytes script_key_input_aes(ByteView application_cryptogram, std::size_t key_size);

/// A session key in this process: `input` of one of the two functions above enciphered under the
/// card's master key, cut to that key's length. master_key: 16, 24 or 32 bytes.
Secret derive_session_key_aes(const Secret& master_key, ByteView input);

/// The AC over its data, 8 bytes: the left half of the CMAC (A1.2.2).
Bytes application_cryptogram_aes(BlockCipher& key, ByteView data);

/// ARPC method 1: the left half of AES of (ARQC xor (ARC | 00*6)) | 00*8 (8.2.1). arc: 2 bytes.
Bytes arpc_method_1_aes(BlockCipher& key, ByteView arqc, ByteView arc);

/// ARPC method 2: 4 leftmost bytes of the CMAC over ARQC | CSU(4) | proprietary data (0-8) (8.2.2).
Bytes arpc_method_2_aes(BlockCipher& key, ByteView arqc, ByteView csu, ByteView proprietary);

}  // namespace emvcrypto
