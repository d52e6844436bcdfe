// KBEK and KBAK of a key block protection key.
#include <algorithm>
#include <stdexcept>

#include "emvcrypto/cmac.h"
#include "emvcrypto/key_block_wrap.h"

namespace emvcrypto {
namespace {

// What each byte of the protection key is XORed with in versions A and C (TR-31:2018, A.2).
constexpr std::uint8_t kEncVariant = 0x45;
constexpr std::uint8_t kMacVariant = 0x4D;
// Key usage in the derivation's input of versions B and D.
constexpr std::uint8_t kForEnc = 0x00;
constexpr std::uint8_t kForMac = 0x01;

std::unique_ptr<BlockCipher> variant_of(const Secret& kbpk, std::uint8_t variant) {
  Secret key = kbpk.duplicate();
  for (std::uint8_t& b : key.expose_mutable()) b ^= variant;
  return make_des(key.expose());
}

/// Algorithm indicator of the derivation's input: 0000 and 0001 3DES, 0002 to 0004 AES.
std::uint8_t algorithm_of(char version, std::size_t key_size) {
  const auto step = static_cast<std::uint8_t>(key_size / 8 - 2);
  return version == 'D' ? static_cast<std::uint8_t>(step + 2) : step;
}

/// As many bytes as the protection key has, from CMACs of counter | usage | 00 | algorithm | bits.
Secret derived(char version, BlockCipher& kbpk, std::size_t key_size, std::uint8_t usage) {
  const std::size_t block = kbpk.block_size();
  Secret key((key_size + block - 1) / block * block);
  for (std::size_t at = 0; at < key.size(); at += block) {
    Bytes input{static_cast<std::uint8_t>(at / block + 1),
                0x00,
                usage,
                0x00,
                0x00,
                algorithm_of(version, key_size)};
    append_number(input, key_size * 8, 2);
    const Secret part = secret_cmac(kbpk, input);
    std::ranges::copy(part.expose(), key.expose_mutable().subspan(at).begin());
  }
  return Secret(key.expose().first(key_size));
}

void check_size(char version, std::size_t key_size) {
  const bool fits = key_size == 16 || key_size == 24 || (version == 'D' && key_size == 32);
  if (key_block_cipher_block(version) == 0 || !fits)
    throw std::invalid_argument("a key block protection key has another length");
}

}  // namespace

KeyBlockKeys key_block_keys(char version, BlockCipher& kbpk, std::size_t key_size) {
  check_size(version, key_size);
  if (version == 'A' || version == 'C')
    throw std::invalid_argument("the variants of versions A and C need the protection key itself");
  if (kbpk.block_size() != key_block_cipher_block(version))
    throw std::invalid_argument("version B is over 3DES, version D over AES");
  const auto cipher = [version](const Secret& key) {
    return version == 'D' ? make_aes(key.expose()) : make_des(key.expose());
  };
  return {cipher(derived(version, kbpk, key_size, kForEnc)),
          cipher(derived(version, kbpk, key_size, kForMac))};
}

KeyBlockKeys key_block_keys(char version, const Secret& kbpk) {
  check_size(version, kbpk.size());
  if (version == 'A' || version == 'C')
    return {variant_of(kbpk, kEncVariant), variant_of(kbpk, kMacVariant)};
  const auto cipher = version == 'D' ? make_aes(kbpk.expose()) : make_des(kbpk.expose());
  return key_block_keys(version, *cipher, kbpk.size());
}

}  // namespace emvcrypto
