#include <algorithm>

#include "emvcrypto/cipher.h"
#include "hsm/secret_maker.h"

namespace hsm {

namespace {

constexpr std::size_t kBlock = 8;
constexpr std::size_t kOnceSize = 32;
constexpr std::size_t kRounds = 6;

/// The inverse of AES key wrap (RFC 3394, 2.2.2). Nothing when its check does not fit.
std::optional<Secret> unwrap_here(const Secret& key, ByteView wrapped) {
  if (wrapped.size() < 3 * kBlock || wrapped.size() % kBlock != 0) return std::nullopt;
  const auto cipher = emvcrypto::make_aes(key.expose());
  const std::size_t count = wrapped.size() / kBlock - 1;
  Secret all(wrapped);
  Secret block(2 * kBlock);
  const MutableBytes parts = all.expose_mutable();
  const MutableBytes pair = block.expose_mutable();
  std::ranges::copy(parts.first(kBlock), pair.begin());
  for (std::size_t step = kRounds * count; step > 0; --step) {
    const MutableBytes part = parts.subspan(((step - 1) % count + 1) * kBlock, kBlock);
    for (std::size_t i = 0; i < sizeof(step) && i < kBlock; ++i)
      pair[kBlock - 1 - i] ^= static_cast<std::uint8_t>(step >> (8 * i));
    std::ranges::copy(part, pair.begin() + kBlock);
    cipher->decrypt(pair);
    std::ranges::copy(pair.last(kBlock), part.begin());
  }
  if (std::ranges::any_of(pair.first(kBlock), [](std::uint8_t byte) { return byte != 0xA6; }))
    return std::nullopt;
  return Secret(all.expose().subspan(kBlock));
}

}  // namespace

Secret Token::expose(const Key& key) {
  const KeyInfo about = info(key);
  if (!is_secret(about.type) || !about.usage.extractable)
    throw SetupError("the key \"" + key.label() + "\" may not leave the token \"" + state_->label +
                     "\"");
  const Secret value = random_secret(kOnceSize);
  const Key once = create_secret(KeyType::aes, value, {.wrap = true});
  auto clear = unwrap_here(value, wrap(once, key, WrapMethod::aes_kw));
  if (!clear)
    throw Error("C_WrapKey", CKR_WRAPPED_KEY_INVALID,
                "the device does not wrap as RFC 3394 has it");
  return std::move(*clear);
}

}  // namespace hsm
