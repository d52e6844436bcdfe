/// Message authentication by block ciphers: ISO/IEC 9797-1 and its paddings.
#pragma once

#include <vector>

#include "emvcrypto/cipher.h"

namespace emvcrypto {

/// Padding method 2: 80, then 00 to a whole block; always adds at least one byte.
Bytes pad_80(ByteView message, std::size_t block_size);

/// Padding method 1: 00 to a whole block; adds nothing to a whole number of blocks (an empty
/// message becomes one block).
Bytes pad_00(ByteView message, std::size_t block_size);

/// The message under padding method 2; nothing when it is not so padded.
std::optional<Bytes> unpad_80(ByteView padded);

/// MAC algorithm 1: last block of a CBC with a zero initial value. `padded`: whole blocks.
Bytes cbc_mac(BlockCipher& cipher, ByteView padded);

/// The two faces of a double-length DES key in MAC algorithm 3 ("retail MAC"): its left half as
/// single DES, and the whole as 3DES. In a device that refuses single DES the left face is
/// (KL, KL, KL).
struct RetailMacKey {
  std::unique_ptr<BlockCipher> left;
  std::unique_ptr<BlockCipher> whole;
};

/// A retail MAC key in this process. key: 16 bytes.
RetailMacKey make_retail_mac_key(ByteView key);

/// MAC algorithm 3 of a padded message, 8 bytes. `initial`: 8 bytes XORed into the first block
/// (already enciphered where a protocol asks for that); empty means zero.
Bytes retail_mac(const RetailMacKey& key, ByteView padded, ByteView initial = {});

/// The same over many messages: one call a message for the chain, one for all last blocks.
std::vector<Bytes> retail_macs(const RetailMacKey& key, std::span<const Bytes> padded);

/// AES-CMAC (NIST SP 800-38B) in this process, 16 bytes.
Bytes aes_cmac(ByteView key, ByteView message);

/// HMAC-SHA-256 in this process, 32 bytes.
Bytes hmac_sha256(ByteView key, ByteView message);

}  // namespace emvcrypto
