#include "kpd/chip/aes.h"

#include "emvcrypto/cipher.h"

namespace kpd::chip::aes {
namespace {

constexpr std::uint8_t kReduction = 0x87;  // R128 of SP 800-38B, 5.3

/// A block times x in GF(2^128).
Bytes doubled(const Bytes& in) {
  Bytes out(kAesBlock);
  for (std::size_t i = 0; i < kAesBlock; ++i) {
    const unsigned next = i + 1 < kAesBlock ? in[i + 1] >> 7 : 0;
    out[i] = static_cast<std::uint8_t>(in[i] << 1 | next);
  }
  if ((in[0] & 0x80) != 0) out.back() ^= kReduction;
  return out;
}

}  // namespace

Bytes block(const Secret& key, ByteView in) {
  Bytes result(in.begin(), in.end());
  emvcrypto::make_aes(key.expose())->encrypt(result);
  return result;
}

Bytes encipher_cbc(const Secret& key, ByteView blocks, ByteView initial) {
  const auto cipher = emvcrypto::make_aes(key.expose());
  Bytes result(blocks.begin(), blocks.end());
  for (std::size_t i = 0; i < kAesBlock && i < result.size(); ++i) result[i] ^= initial[i];
  cipher->encrypt_cbc(result);
  return result;
}

Secret decipher_cbc(const Secret& key, ByteView blocks, ByteView initial) {
  Secret result(blocks);
  const auto plain = result.expose_mutable();
  emvcrypto::make_aes(key.expose())->decrypt(plain);
  for (std::size_t i = 0; i < plain.size(); ++i)
    plain[i] ^= i < kAesBlock ? initial[i] : blocks[i - kAesBlock];
  return result;
}

Secret secret_cmac(const Secret& key, ByteView message) {
  const bool whole = !message.empty() && message.size() % kAesBlock == 0;
  Secret chain(whole ? message : ByteView(padded_80(message, kAesBlock)));
  Bytes mask = doubled(block(key, kZeroBlock));
  if (!whole) mask = doubled(mask);
  const auto last = chain.expose_mutable().last(kAesBlock);
  for (std::size_t i = 0; i < kAesBlock; ++i) last[i] ^= mask[i];
  emvcrypto::make_aes(key.expose())->encrypt_cbc(chain.expose_mutable());
  return Secret(chain.expose().last(kAesBlock));
}

Bytes cmac(const Secret& key, ByteView message) {
  const Secret mac = secret_cmac(key, message);
  return Bytes(mac.expose().begin(), mac.expose().end());
}

Bytes check_value(const Secret& key) {
  Bytes value = block(key, Bytes(kAesBlock, 0x01));
  value.resize(3);
  return value;
}

}  // namespace kpd::chip::aes
