#include "kpd/chip/des.h"

#include "emvcrypto/cipher.h"

namespace kpd::chip {

using emvcrypto::make_des;

Secret encipher_ecb(const Secret& key, ByteView blocks) {
  Secret result(blocks);
  make_des(key.expose())->encrypt(result.expose_mutable());
  return result;
}

Secret decipher_ecb(const Secret& key, ByteView blocks) {
  Secret result(blocks);
  make_des(key.expose())->decrypt(result.expose_mutable());
  return result;
}

Secret encipher_cbc(const Secret& key, ByteView blocks) {
  Secret result(blocks);
  make_des(key.expose())->encrypt_cbc(result.expose_mutable());
  return result;
}

Secret decipher_cbc(const Secret& key, ByteView blocks) {
  Secret result = decipher_ecb(key, blocks);
  const auto plain = result.expose_mutable();
  for (std::size_t i = 8; i < plain.size(); ++i) plain[i] ^= blocks[i - 8];
  return result;
}

Bytes cryptogram_block(const Secret& key, ByteView block) {
  Bytes result(block.begin(), block.end());
  make_des(key.expose())->encrypt(result);
  return result;
}

Bytes cbc_mac(const Secret& key, ByteView blocks) {
  Bytes chain(blocks.begin(), blocks.end());
  make_des(key.expose())->encrypt_cbc(chain);
  return Bytes(chain.end() - 8, chain.end());
}

Bytes retail_mac(const Secret& key, ByteView blocks, ByteView initial) {
  const auto left = make_des(key.expose().first(8));
  const auto right = make_des(key.expose().subspan(8, 8));
  Bytes state(initial.begin(), initial.end());
  for (std::size_t at = 0; at < blocks.size(); at += 8) {
    for (std::size_t i = 0; i < 8; ++i) state[i] ^= blocks[at + i];
    left->encrypt(state);
  }
  right->decrypt(state);
  left->encrypt(state);
  return state;
}

Bytes left_half_block(const Secret& key, ByteView block) {
  Bytes result(block.begin(), block.end());
  make_des(key.expose().first(8))->encrypt(result);
  return result;
}

Bytes check_value(const Secret& key) {
  Bytes block = cryptogram_block(key, kZeroBlock);
  block.resize(3);
  return block;
}

Secret diversified_key(const Secret& master, ByteView r) {
  Bytes input = emvcrypto::concat({r, r});
  input[2] = 0xF0;
  input[8 + 2] = 0x0F;
  return encipher_ecb(master, input);
}

}  // namespace kpd::chip
