#include "emvcrypto/mac.h"

#include <algorithm>
#include <stdexcept>

#include "emvcrypto/botan_primitives.h"

namespace emvcrypto {
namespace {

constexpr std::size_t kDesBlock = 8;

Bytes zero_filled(Bytes message, std::size_t block_size) {
  const std::size_t over = message.size() % block_size;
  if (over != 0) message.resize(message.size() + block_size - over);
  return message;
}

/// Algorithm 3 up to what the whole key enciphers: the chain over all blocks but the last under the
/// left half, XORed into the last block.
Bytes last_input(BlockCipher& left, ByteView padded, ByteView initial) {
  if (padded.empty() || padded.size() % kDesBlock != 0)
    throw std::invalid_argument("a retail MAC is over whole blocks");
  Bytes chain(padded.begin(), padded.end());
  if (!initial.empty())
    std::ranges::copy(exclusive_or(ByteView(chain).first(kDesBlock), initial), chain.begin());
  if (chain.size() == kDesBlock) return chain;
  left.encrypt_cbc(MutableBytes(chain).first(chain.size() - kDesBlock));
  const ByteView blocks = chain;
  return exclusive_or(blocks.last(kDesBlock),
                      blocks.subspan(blocks.size() - 2 * kDesBlock, kDesBlock));
}

}  // namespace

Bytes pad_80(ByteView message, std::size_t block_size) {
  Bytes padded(message.begin(), message.end());
  padded.push_back(0x80);
  return zero_filled(std::move(padded), block_size);
}

Bytes pad_00(ByteView message, std::size_t block_size) {
  if (message.empty()) return Bytes(block_size);
  return zero_filled(Bytes(message.begin(), message.end()), block_size);
}

std::optional<Bytes> unpad_80(ByteView padded) {
  while (!padded.empty() && padded.back() == 0x00) padded = padded.first(padded.size() - 1);
  if (padded.empty() || padded.back() != 0x80) return std::nullopt;
  return Bytes(padded.begin(), padded.end() - 1);
}

Bytes cbc_mac(BlockCipher& cipher, ByteView padded) {
  if (padded.empty()) throw std::invalid_argument("a MAC is over at least one block");
  Bytes chain(padded.begin(), padded.end());
  cipher.encrypt_cbc(chain);
  return Bytes(chain.end() - static_cast<std::ptrdiff_t>(cipher.block_size()), chain.end());
}

RetailMacKey make_retail_mac_key(ByteView key) {
  if (key.size() != 16) throw std::invalid_argument("a retail MAC key has 16 bytes");
  return {make_des(key.first(8)), make_des(key)};
}

Bytes retail_mac(const RetailMacKey& key, ByteView padded, ByteView initial) {
  Bytes block = last_input(*key.left, padded, initial);
  key.whole->encrypt(block);
  return block;
}

std::vector<Bytes> retail_macs(const RetailMacKey& key, std::span<const Bytes> padded) {
  Bytes blocks;
  blocks.reserve(padded.size() * kDesBlock);
  for (const Bytes& message : padded) append(blocks, last_input(*key.left, message, {}));
  if (!blocks.empty()) key.whole->encrypt(blocks);
  std::vector<Bytes> macs;
  macs.reserve(padded.size());
  for (auto at = blocks.begin(); at != blocks.end(); at += kDesBlock)
    macs.emplace_back(at, at + kDesBlock);
  return macs;
}

Bytes aes_cmac(ByteView key, ByteView message) {
  switch (key.size()) {
    case 16:
      return botan::mac("CMAC(AES-128)", key, message);
    case 24:
      return botan::mac("CMAC(AES-192)", key, message);
    case 32:
      return botan::mac("CMAC(AES-256)", key, message);
    default:
      throw std::invalid_argument("an AES key has 16, 24 or 32 bytes");
  }
}

Bytes hmac_sha256(ByteView key, ByteView message) {
  return botan::mac("HMAC(SHA-256)", key, message);
}

}  // namespace emvcrypto
