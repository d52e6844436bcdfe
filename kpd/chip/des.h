/// The chip's own DES engine: the modes and codes that card software builds from the block cipher.
#pragma once

#include <array>

#include "emvcrypto/secret.h"
#include "kpd/chip/padding.h"

namespace kpd::chip {

using emvcrypto::Secret;

/// One DES block of zeros, the usual initial value.
inline constexpr std::array<std::uint8_t, 8> kZeroBlock{};

/// 3DES (16-byte key) over whole blocks.
Secret encipher_ecb(const Secret& key, ByteView blocks);
Secret decipher_ecb(const Secret& key, ByteView blocks);
Secret encipher_cbc(const Secret& key, ByteView blocks);
Secret decipher_cbc(const Secret& key, ByteView blocks);

/// 3DES of one block, where the result is not secret.
Bytes cryptogram_block(const Secret& key, ByteView block);

/// The last block of 3DES-CBC over whole blocks.
Bytes cbc_mac(const Secret& key, ByteView blocks);

/// ISO/IEC 9797-1 MAC algorithm 3 over whole blocks: single DES, 3DES at the end. 8 bytes.
Bytes retail_mac(const Secret& key, ByteView blocks, ByteView initial = kZeroBlock);

/// Single DES of one block under the left half of a 16-byte key.
Bytes left_half_block(const Secret& key, ByteView block);

/// 3DES of a zero block, 3 leftmost bytes.
Bytes check_value(const Secret& key);

/// The session key of a diversifying block R (8 bytes): 3DES of R with F0, then with 0F, in byte 3
/// (EMV 4.4 Book 2, A1.3.1). 16 bytes.
Secret diversified_key(const Secret& master, ByteView r);

}  // namespace kpd::chip
