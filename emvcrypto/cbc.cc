#include "emvcrypto/cbc.h"

#include <stdexcept>

namespace emvcrypto {
namespace {

void check_initial(const BlockCipher& cipher, ByteView initial) {
  if (initial.size() != cipher.block_size())
    throw std::invalid_argument("an initial value is one block");
}

void combine(MutableBytes to, ByteView with) {
  for (std::size_t i = 0; i < with.size(); ++i) to[i] ^= with[i];
}

}  // namespace

void encrypt_cbc(BlockCipher& cipher, ByteView initial, MutableBytes blocks) {
  check_initial(cipher, initial);
  if (blocks.empty()) return;
  if (blocks.size() < initial.size()) throw std::invalid_argument("not a whole number of blocks");
  combine(blocks, initial);
  cipher.encrypt_cbc(blocks);
}

void decrypt_cbc(BlockCipher& cipher, ByteView initial, MutableBytes blocks) {
  check_initial(cipher, initial);
  const Bytes enciphered(blocks.begin(), blocks.end());
  cipher.decrypt(blocks);
  if (blocks.empty()) return;
  combine(blocks, initial);
  combine(blocks.subspan(initial.size()),
          ByteView(enciphered).first(enciphered.size() - initial.size()));
}

}  // namespace emvcrypto
