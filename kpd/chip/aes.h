/// The chip's own AES engine: the modes and codes that card software builds from the block cipher.
#pragma once

#include <array>

#include "emvcrypto/secret.h"
#include "kpd/chip/padding.h"

namespace kpd::chip::aes {

using emvcrypto::Secret;

/// One AES block of zeros.
inline constexpr std::array<std::uint8_t, kAesBlock> kZeroBlock{};

/// AES of one block; key: 16, 24 or 32 bytes, as everywhere here.
Bytes block(const Secret& key, ByteView in);

/// CBC over whole blocks.
Bytes encipher_cbc(const Secret& key, ByteView blocks, ByteView initial);
Secret decipher_cbc(const Secret& key, ByteView blocks, ByteView initial = kZeroBlock);

/// CMAC of a message of any length (NIST SP 800-38B, 6.2), 16 bytes.
Bytes cmac(const Secret& key, ByteView message);

/// The same where it is a part of a derived key.
Secret secret_cmac(const Secret& key, ByteView message);

/// AES of 16 bytes 01, 3 leftmost bytes (GlobalPlatform Card Specification 2.3, B.6).
Bytes check_value(const Secret& key);

}  // namespace kpd::chip::aes
