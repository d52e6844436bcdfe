#include "emvcrypto/cryptogram_aes.h"

#include <stdexcept>

#include "emvcrypto/cmac.h"

namespace emvcrypto {
namespace {

constexpr std::size_t kBlock = 16;
constexpr std::size_t kCryptogram = 8;
constexpr std::size_t kShortArpc = 4;

void require(bool fits, const char* what) {
  if (!fits) throw std::invalid_argument(what);
}

/// R, filled with zeros, as often as a key of this size needs.
Bytes key_input(ByteView r, std::size_t key_size) {
  require(key_size == 16 || key_size == 24 || key_size == 32, "an AES key has 16, 24 or 32 bytes");
  Bytes block(r.begin(), r.end());
  block.resize(kBlock);
  if (key_size == kBlock) return block;
  Bytes input = concat({block, block});
  input[2] = 0xF0;
  input[kBlock + 2] = 0x0F;
  return input;
}

Bytes left(Bytes block, std::size_t size) {
  block.resize(size);
  return block;
}

}  // namespace

Bytes session_key_input_aes(ByteView atc, std::size_t key_size) {
  require(atc.size() == 2, "an ATC has 2 bytes");
  return key_input(atc, key_size);
}

Bytes script_key_input_aes(ByteView application_cryptogram, std::size_t key_size) {
  require(application_cryptogram.size() == kCryptogram, "an application cryptogram has 8 bytes");
  return key_input(application_cryptogram, key_size);
}

Secret derive_session_key_aes(const Secret& master_key, ByteView input) {
  require(input.size() == (master_key.size() > kBlock ? 2 * kBlock : kBlock),
          "a session key comes from one block for AES-128, else from two");
  Secret key(input);
  make_aes(master_key.expose())->encrypt(key.expose_mutable());
  return Secret(key.expose().first(master_key.size()));
}

Bytes application_cryptogram_aes(BlockCipher& key, ByteView data) {
  require(key.block_size() == kBlock, "the key is none of AES");
  return left(cmac(key, data), kCryptogram);
}

Bytes arpc_method_1_aes(BlockCipher& key, ByteView arqc, ByteView arc) {
  require(arqc.size() == kCryptogram && arc.size() == 2, "ARQC and ARC have 8 and 2 bytes");
  require(key.block_size() == kBlock, "the key is none of AES");
  Bytes block = concat({exclusive_or(arqc, concat({arc, Bytes(6)})), Bytes(8)});
  key.encrypt(block);
  return left(std::move(block), kCryptogram);
}

Bytes arpc_method_2_aes(BlockCipher& key, ByteView arqc, ByteView csu, ByteView proprietary) {
  require(arqc.size() == kCryptogram && csu.size() == 4 && proprietary.size() <= 8,
          "ARQC, CSU and proprietary data have 8, 4 and at most 8 bytes");
  require(key.block_size() == kBlock, "the key is none of AES");
  return left(cmac(key, concat({arqc, csu, proprietary})), kShortArpc);
}

}  // namespace emvcrypto
