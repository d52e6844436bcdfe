/// Keys into and out of key blocks (ANSI X9.143:2021, 6.4-6.6; TR-31): versions A and C bind by
/// variants of the protection key, B and D by keys derived from it.
#pragma once

#include "emvcrypto/cipher.h"
#include "emvcrypto/key_block.h"

namespace emvcrypto {

/// The two keys that a key block protection key (KBPK) stands for: KBEK enciphers, KBAK
/// authenticates.
struct KeyBlockKeys {
  std::unique_ptr<BlockCipher> enc;
  std::unique_ptr<BlockCipher> mac;
};

/// Both keys in this process. kbpk: 16 or 24 bytes for versions A, B and C, 16, 24 or 32 for D;
/// std::invalid_argument otherwise.
KeyBlockKeys key_block_keys(char version, const Secret& kbpk);

/// Both keys of versions B and D over a protection key that may be in an HSM; what is derived is in
/// this process. key_size: bytes of the protection key. Throws std::invalid_argument on another
/// version or size, or a cipher of another block size.
KeyBlockKeys key_block_keys(char version, BlockCipher& kbpk, std::size_t key_size);

/// The bytes to which a key's length is hidden (6.4): the longest of its algorithm, 24 for T and 32
/// for A; its own for others.
std::size_t hidden_key_size(char algorithm, std::size_t key_size);

/// Random bytes that wrap_key_block() needs. shown_size: as there.
std::size_t key_block_fill_size(char version, std::size_t key_size, std::size_t shown_size);

/// The key as a key block. shown_size: the key is padded as if it had so many bytes, so that its
/// length does not show (hidden_key_size()); at most its own: no more than whole blocks ask for.
/// random: at least key_block_fill_size() bytes. Throws std::invalid_argument for a header that
/// cannot be written, a key that can be none of the header's algorithm or too few random bytes.
std::string wrap_key_block(const KeyBlockHeader& header, const Secret& key, KeyBlockKeys& keys,
                           std::size_t shown_size, ByteView random);

/// The key of a block. Faults "key-block-mac" (the block was changed, or the protection key is
/// another), "key-block-key" (what is inside can be no key of the header's algorithm).
Expected<Secret> unwrap_key_block(const KeyBlock& block, KeyBlockKeys& keys);

/// Whether keys of a header's algorithm can have so many bytes: D 8; T 16 or 24; A 16, 24 or 32;
/// others any number but 0.
bool is_key_size(char algorithm, std::size_t size);

}  // namespace emvcrypto
