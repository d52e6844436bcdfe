#include "emvcrypto/key_block_wrap.h"

#include <algorithm>
#include <stdexcept>

#include "emvcrypto/cbc.h"
#include "emvcrypto/cmac.h"
#include "emvcrypto/mac.h"

namespace emvcrypto {
namespace {

constexpr std::size_t kLengthField = 2;  // bits of the key
constexpr std::size_t kVariantIv = 8;    // characters of the header

/// Whether a version authenticates the enciphered key (A, C) rather than the clear one (B, D).
bool is_variant(char version) {
  return version == 'A' || version == 'C';
}

/// The MAC over what A and C authenticate.
Bytes variant_mac(BlockCipher& key, std::string_view header, ByteView enciphered) {
  Bytes mac = cbc_mac(key, concat({as_bytes(header), enciphered}));
  mac.resize(key_block_mac_size('A'));
  return mac;
}

/// The MAC over what B and D authenticate.
Bytes derived_mac(BlockCipher& key, std::string_view header, const Secret& clear) {
  Secret message(header.size() + clear.size());
  std::ranges::copy(as_bytes(header), message.expose_mutable().begin());
  std::ranges::copy(clear.expose(), message.expose_mutable().subspan(header.size()).begin());
  return cmac(key, message.expose());
}

ByteView variant_iv(std::string_view header) {
  return as_bytes(header.substr(0, kVariantIv));
}

std::size_t payload_size(char version, std::size_t key_size, std::size_t shown_size) {
  const std::size_t block = key_block_cipher_block(version);
  return (kLengthField + std::max(key_size, shown_size) + block - 1) / block * block;
}

/// The key out of length | key | fill.
Expected<Secret> taken_key(const Secret& clear, char algorithm) {
  const ByteView bytes = clear.expose();
  const auto bits = static_cast<std::size_t>(to_number(bytes.first(kLengthField)));
  const ByteView key = bytes.subspan(kLengthField);
  if (bits % 8 != 0 || bits / 8 > key.size() || !is_key_size(algorithm, bits / 8))
    return fault("key-block-key", "the key block says a length that its key cannot have");
  return Secret(key.first(bits / 8));
}

}  // namespace

bool is_key_size(char algorithm, std::size_t size) {
  switch (algorithm) {
    case 'D':
      return size == 8;
    case 'T':
      return size == 16 || size == 24;
    case 'A':
      return size == 16 || size == 24 || size == 32;
    default:
      return size > 0;
  }
}

std::size_t hidden_key_size(char algorithm, std::size_t key_size) {
  if (algorithm == 'T' || algorithm == 'D') return std::max<std::size_t>(key_size, 24);
  return algorithm == 'A' ? std::max<std::size_t>(key_size, 32) : key_size;
}

std::size_t key_block_fill_size(char version, std::size_t key_size, std::size_t shown_size) {
  return payload_size(version, key_size, shown_size) - kLengthField - key_size;
}

std::string wrap_key_block(const KeyBlockHeader& header, const Secret& key, KeyBlockKeys& keys,
                           std::size_t shown_size, ByteView random) {
  const std::size_t fill = key_block_fill_size(header.version, key.size(), shown_size);
  if (random.size() < fill) throw std::invalid_argument("too few random bytes for a key block");
  if (!is_key_size(header.algorithm, key.size()))
    throw std::invalid_argument("the key's length is none of its algorithm");
  Secret payload(kLengthField + key.size() + fill);
  Bytes bits;
  append_number(bits, key.size() * 8, kLengthField);
  const MutableBytes clear = payload.expose_mutable();
  std::ranges::copy(bits, clear.begin());
  std::ranges::copy(key.expose(), clear.subspan(kLengthField).begin());
  std::ranges::copy(random.first(fill), clear.last(fill).begin());

  const std::string text =
      key_block_header_text(header, payload.size() + key_block_mac_size(header.version));
  const bool variant = is_variant(header.version);
  Bytes mac;
  if (!variant) mac = derived_mac(*keys.mac, text, payload);
  encrypt_cbc(*keys.enc, variant ? variant_iv(text) : ByteView(mac), clear);
  if (variant) mac = variant_mac(*keys.mac, text, clear);
  return text + to_hex(clear) + to_hex(mac);
}

Expected<Secret> unwrap_key_block(const KeyBlock& block, KeyBlockKeys& keys) {
  const char version = block.header.version;
  const bool variant = is_variant(version);
  Secret clear(block.enciphered);
  decrypt_cbc(*keys.enc, variant ? variant_iv(block.text) : ByteView(block.mac),
              clear.expose_mutable());
  const Bytes mac = variant ? variant_mac(*keys.mac, block.text, block.enciphered)
                            : derived_mac(*keys.mac, block.text, clear);
  if (!Secret(mac).equals(Secret(block.mac)))
    return fault("key-block-mac",
                 "the key block was changed, or its protection key is another: its MAC is wrong");
  return taken_key(clear, block.header.algorithm);
}

}  // namespace emvcrypto
