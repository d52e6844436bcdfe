// Ciphers, MACs and derivation: what comes out is compared with this process' own.
#include <array>

#include "emvcrypto/cipher.h"
#include "emvcrypto/mac.h"
#include "hsm/mechanism_probe.h"

namespace hsm {

namespace {

constexpr const char* kGroup = "ciphers";

std::unique_ptr<emvcrypto::BlockCipher> in_host(KeyType type, const Secret& key) {
  return type == KeyType::aes ? emvcrypto::make_aes(key.expose())
                              : emvcrypto::make_des(key.expose());
}

/// Enciphers as the host does, and deciphers that again.
bool enciphers(Token& token, KeyType type, std::size_t size, bool chained) {
  const Secret value = probe_key(size, 3);
  const Key key = token.create_secret(type, value, {.encrypt = true, .decrypt = true});
  const Bytes clear = probe_pattern(64);
  Bytes data = clear;
  Bytes expected = clear;
  const auto host = in_host(type, value);
  chained ? token.encrypt_cbc(key, data) : token.encrypt_ecb(key, data);
  chained ? host->encrypt_cbc(expected) : host->encrypt(expected);
  if (data != expected) return false;
  chained ? token.decrypt_cbc(key, data) : token.decrypt_ecb(key, data);
  return data == clear;
}

/// The derived key enciphers as the master's ECB or CBC of the input does when it is the key.
bool derives(Token& token, std::size_t size, Token::DeriveMode mode) {
  const Secret value = probe_key(16, 5);
  const Key master = token.create_secret(KeyType::des2, value, {.derive = true});
  const std::array inputs = {probe_pattern(size)};
  const auto derived = token.derive(master, inputs, mode, {.encrypt = true});
  Secret expected(inputs[0]);
  const auto host = in_host(KeyType::des2, value);
  mode == Token::DeriveMode::ecb ? host->encrypt(expected.expose_mutable())
                                 : host->encrypt_cbc(expected.expose_mutable());
  Bytes by_device = probe_pattern(8);
  Bytes by_host = by_device;
  token.encrypt_ecb(derived.front(), by_device);
  emvcrypto::make_des(expected.expose())->encrypt(by_host);
  return by_device == by_host;
}

bool seals(Token& token) {
  const Key key = throwaway(token, KeyType::aes, {.encrypt = true, .decrypt = true});
  const Secret value(probe_pattern(16));
  const Bytes associated = probe_pattern(5);
  return token.unseal(key, token.seal(key, value, associated), associated).equals(value);
}

bool authenticates(Token& token) {
  const Secret value = probe_key(32, 9);
  const Key key = token.create_secret(KeyType::generic, value, {.sign = true});
  const std::array messages = {probe_pattern(20)};
  return token.hmac_sha256(key, messages).front() ==
         emvcrypto::hmac_sha256(value.expose(), messages[0]);
}

}  // namespace

void add_cipher_probes(Probes& to) {
  using D = Token::DeriveMode;
  using T = KeyType;
  const auto add = [&](const std::string& name, const std::string& mechanism, auto run) {
    to.push_back({{name, kGroup, mechanism}, [run](Token& token, auto&) { return run(token); }});
  };
  add("CKM_DES3_ECB", "CKM_DES3_ECB", [](Token& t) { return enciphers(t, T::des2, 16, false); });
  add("CKM_DES3_CBC", "CKM_DES3_CBC", [](Token& t) { return enciphers(t, T::des2, 16, true); });
  add("CKM_DES3_ECB des3", "CKM_DES3_ECB",
      [](Token& t) { return enciphers(t, T::des3, 24, false); });
  add("CKM_AES_ECB", "CKM_AES_ECB", [](Token& t) { return enciphers(t, T::aes, 32, false); });
  add("CKM_AES_CBC", "CKM_AES_CBC", [](Token& t) { return enciphers(t, T::aes, 32, true); });
  add("CKM_AES_ECB aes128", "CKM_AES_ECB",
      [](Token& t) { return enciphers(t, T::aes, 16, false); });
  add("CKM_AES_GCM", "CKM_AES_GCM", seals);
  add("CKM_SHA256_HMAC", "CKM_SHA256_HMAC", authenticates);
  add("CKM_DES3_ECB_ENCRYPT_DATA", "CKM_DES3_ECB_ENCRYPT_DATA",
      [](Token& t) { return derives(t, 16, D::ecb); });
  add("CKM_DES3_ECB_ENCRYPT_DATA des3", "CKM_DES3_ECB_ENCRYPT_DATA",
      [](Token& t) { return derives(t, 24, D::ecb); });
  add("CKM_DES3_CBC_ENCRYPT_DATA", "CKM_DES3_CBC_ENCRYPT_DATA",
      [](Token& t) { return derives(t, 16, D::cbc); });
}

}  // namespace hsm
