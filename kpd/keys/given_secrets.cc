#include "kpd/keys/given_secrets.h"

#include <algorithm>
#include <stdexcept>

#include "emvcrypto/des_key_check.h"
#include "emvcrypto/kcv.h"
#include "kpd/keys/hsm_cipher.h"

namespace kpd {

std::vector<hsm::Secret> open_secrets(hsm::Token& token, const hsm::Key& key,
                                      GivenSecret::Mode mode,
                                      std::span<const hsm::Bytes> enciphered) {
  const std::size_t block = key.type() == hsm::KeyType::aes ? 16 : 8;
  std::size_t size = 0;
  for (const hsm::Bytes& one : enciphered) {
    if (one.empty() || one.size() % block != 0)
      throw std::invalid_argument("an enciphered secret is whole blocks");
    size += one.size();
  }
  if (size == 0) return {};
  hsm::Secret all(size);
  auto at = all.expose_mutable().begin();
  for (const hsm::Bytes& one : enciphered) at = std::ranges::copy(one, at).out;
  token.decrypt_ecb(key, all.expose_mutable());

  std::vector<hsm::Secret> opened;
  opened.reserve(enciphered.size());
  std::size_t from = 0;
  for (const hsm::Bytes& one : enciphered) {
    hsm::Secret& secret = opened.emplace_back(all.expose().subspan(from, one.size()));
    from += one.size();
    if (mode == GivenSecret::Mode::cbc)  // CBC is ECB, and the block before XORed in
      for (std::size_t i = block; i < one.size(); ++i) secret.expose_mutable()[i] ^= one[i - block];
  }
  return opened;
}

std::optional<emvcrypto::Fault> check_given_key(hsm::Secret& key, bool odd_parity,
                                                const std::optional<hsm::Bytes>& kcv) {
  if (odd_parity && !emvcrypto::has_odd_parity(key.expose()))
    return emvcrypto::Fault{"key-parity",
                            "the key has not odd parity: it is under another key, or was changed"};
  if (emvcrypto::is_weak_des2_key(key.expose()))
    return emvcrypto::Fault{"key-weak", "the key is a weak one or a single-length one"};
  emvcrypto::set_odd_parity(key.expose_mutable());
  const auto cipher = emvcrypto::make_des(key.expose());
  if (kcv && emvcrypto::des_kcv(*cipher) != *kcv)
    return emvcrypto::Fault{"key-kcv", "the key has another check value than the record says"};
  return std::nullopt;
}

std::optional<hsm::Secret> without_padding(const hsm::Secret& padded) {
  hsm::ByteView rest = padded.expose();
  while (!rest.empty() && rest.back() == 0x00) rest = rest.first(rest.size() - 1);
  if (rest.empty() || rest.back() != 0x80) return std::nullopt;
  return hsm::Secret(rest.first(rest.size() - 1));
}

}  // namespace kpd
