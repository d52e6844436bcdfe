#include "emvcrypto/cmac.h"

#include <algorithm>

namespace emvcrypto {

void double_cmac_block(MutableBytes block) {
  const std::uint8_t reduction = block.size() == 16 ? 0x87 : 0x1B;
  const bool carry = (block[0] & 0x80) != 0;
  for (std::size_t i = 0; i + 1 < block.size(); ++i)
    block[i] = static_cast<std::uint8_t>(block[i] << 1 | block[i + 1] >> 7);
  block.back() = static_cast<std::uint8_t>(block.back() << 1 ^ (carry ? reduction : 0));
}

Secret secret_cmac(BlockCipher& cipher, ByteView message) {
  const std::size_t size = cipher.block_size();
  Secret subkey(size);
  cipher.encrypt(subkey.expose_mutable());
  double_cmac_block(subkey.expose_mutable());
  const bool whole = !message.empty() && message.size() % size == 0;
  if (!whole) double_cmac_block(subkey.expose_mutable());

  Secret chain(whole ? message.size() : message.size() / size * size + size);
  const MutableBytes blocks = chain.expose_mutable();
  std::ranges::copy(message, blocks.begin());
  if (!whole) blocks[message.size()] = 0x80;
  const MutableBytes last = blocks.last(size);
  for (std::size_t i = 0; i < size; ++i) last[i] ^= subkey.expose()[i];
  cipher.encrypt_cbc(blocks);
  return Secret(ByteView(last));
}

Bytes cmac(BlockCipher& cipher, ByteView message) {
  const Secret mac = secret_cmac(cipher, message);
  return Bytes(mac.expose().begin(), mac.expose().end());
}

}  // namespace emvcrypto
