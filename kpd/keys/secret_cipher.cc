#include "kpd/keys/secret_cipher.h"

#include <algorithm>
#include <functional>
#include <stdexcept>

namespace kpd {
namespace {

using emvcrypto::ByteView;
using emvcrypto::MutableBytes;

constexpr std::size_t kBlock = 8;

void require_blocks(ByteView value, const hsm::Key& key, cps::Cmode mode) {
  const bool aes = key.type() == hsm::KeyType::aes;
  if (value.size() % (aes ? 2 * kBlock : kBlock) != 0)
    throw std::invalid_argument("a secret is enciphered in whole blocks");
  if (aes && mode != cps::Cmode::ecb)
    throw std::invalid_argument("under AES secrets are enciphered by ECB");
}

void mix(MutableBytes block, ByteView other) {
  std::ranges::transform(block, other, block.begin(), std::bit_xor<std::uint8_t>());
}

/// What is ready for the device in this round: everything under ECB at once, the next block of each
/// message under CBC, with the block before it mixed in.
std::vector<MutableBytes> ready(std::span<const SecretMessage> messages, std::size_t round,
                                ByteView initial_value) {
  std::vector<MutableBytes> parts;
  const std::size_t at = round * kBlock;
  for (const SecretMessage& message : messages) {
    if (at >= message.value.size()) continue;
    if (message.mode == cps::Cmode::cbc) {
      const MutableBytes block = message.value.subspan(at, kBlock);
      mix(block, round == 0 ? initial_value : message.value.subspan(at - kBlock, kBlock));
      parts.push_back(block);
    } else if (round == 0) {
      parts.push_back(message.value);
    }
  }
  return parts;
}

}  // namespace

void encipher_secrets(hsm::Token& token, const hsm::Key& key,
                      std::span<const SecretMessage> messages, ByteView initial_value) {
  for (const SecretMessage& message : messages) require_blocks(message.value, key, message.mode);
  for (std::size_t round = 0;; ++round) {
    const std::vector<MutableBytes> parts = ready(messages, round, initial_value);
    if (parts.empty()) return;
    std::size_t size = 0;
    for (const MutableBytes& part : parts) size += part.size();
    hsm::Secret all(size);
    auto to = all.expose_mutable().begin();
    for (const MutableBytes& part : parts) to = std::ranges::copy(part, to).out;
    token.encrypt_ecb(key, all.expose_mutable());
    auto from = all.expose().begin();
    for (const MutableBytes& part : parts)
      from = std::ranges::copy_n(from, std::ssize(part), part.begin()).in;
  }
}

void decipher_secret(hsm::Token& token, const hsm::Key& key, std::uint8_t mode,
                     ByteView initial_value, MutableBytes value) {
  require_blocks(value, key, cps::Cmode{mode});
  switch (cps::Cmode{mode}) {
    case cps::Cmode::ecb:
      return token.decrypt_ecb(key, value);
    case cps::Cmode::cbc:
      token.decrypt_cbc(key, value);
      if (!value.empty()) mix(value.first(kBlock), initial_value);
      return;
  }
  throw std::invalid_argument("an enciphering mode (CMODE) that is unknown");
}

}  // namespace kpd
