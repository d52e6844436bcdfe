#include "hsm/mechanism_probe.h"

#include <array>
#include <functional>
#include <stdexcept>

#include "emvcrypto/cipher.h"
#include "emvcrypto/rsa.h"
#include "hsm/secret_maker.h"

namespace hsm {

namespace {

constexpr unsigned kExponent = 65537;
constexpr std::size_t kRsaBits = 1024;

struct Probe {
  std::string_view name;
  std::function<bool(Token&, Token::State&)> run;
};

Bytes pattern(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + 1);
  return bytes;
}

Key throwaway(Token& token, KeyType type, const Usage& usage) {
  const std::size_t size = type == KeyType::des2 ? 16 : type == KeyType::des3 ? 24 : 32;
  return token.generate_secret(type, size, usage);
}

/// Enciphers and deciphers, in a change that can be seen.
bool returns(Token& token, KeyType type, bool chained) {
  const Key key = throwaway(token, type, {.encrypt = true, .decrypt = true});
  const Bytes clear = pattern(64);
  Bytes data = clear;
  chained ? token.encrypt_cbc(key, data) : token.encrypt_ecb(key, data);
  if (data == clear) return false;
  chained ? token.decrypt_cbc(key, data) : token.decrypt_ecb(key, data);
  return data == clear;
}

/// The derived key enciphers as the master's ECB or CBC of the input does when it is the key.
bool derives(Token& token, Token::DeriveMode mode) {
  const Key master = throwaway(token, KeyType::des2, {.encrypt = true, .derive = true});
  const std::array inputs = {pattern(16)};
  const auto derived = token.derive(master, inputs, mode, {.encrypt = true});
  Secret expected(inputs[0]);
  if (mode == Token::DeriveMode::ecb)
    token.encrypt_ecb(master, expected.expose_mutable());
  else
    token.encrypt_cbc(master, expected.expose_mutable());
  Bytes in_device = pattern(8);
  Bytes in_host = in_device;
  token.encrypt_ecb(derived.front(), in_device);
  emvcrypto::make_des(expected.expose())->encrypt(in_host);
  return in_device == in_host;
}

bool moves(Token& token, const Key& wrapping, const Key& unwrapping, Token::WrapMethod method) {
  const Key key = throwaway(token, KeyType::des2, {.encrypt = true, .extractable = true});
  const Bytes wrapped = token.wrap(wrapping, key, method);
  const Key moved = token.unwrap(unwrapping, wrapped, method, KeyType::des2, 16, {.encrypt = true});
  return token.kcv(moved) == token.kcv(key);
}

bool wraps_by_aes(Token& token) {
  const Key key = throwaway(token, KeyType::aes, {.wrap = true, .unwrap = true});
  return moves(token, key, key, Token::WrapMethod::aes_kw);
}

bool wraps_by_rsa(Token& token) {
  const Key key = token.generate_rsa(kRsaBits, kExponent, {.unwrap = true}, "");
  const Key half = token.import_public(token.public_key(key));
  return moves(token, half, key, Token::WrapMethod::rsa_oaep);
}

bool signs_raw(Token& token) {
  const Key key = token.generate_rsa(kRsaBits, kExponent, {.sign = true}, "");
  const RsaPublic half = token.public_key(key);
  const std::array blocks = {pattern(kRsaBits / 8)};
  const auto signatures = token.sign_raw(key, blocks);
  return emvcrypto::rsa_recover({half.modulus, half.exponent}, signatures.front()) == blocks[0];
}

bool seals(Token& token) {
  const Key key = throwaway(token, KeyType::aes, {.encrypt = true, .decrypt = true});
  const Secret value(pattern(16));
  const Bytes associated = pattern(5);
  return token.unseal(key, token.seal(key, value, associated), associated).equals(value);
}

bool authenticates(Token& token) {
  const Key key = throwaway(token, KeyType::generic, {.sign = true});
  const std::array messages = {pattern(20), pattern(21)};
  const auto codes = token.hmac_sha256(key, messages);
  return codes[0] != codes[1];
}

Bytes wrap_by_des(Token::State& state, const Key& wrapping, const Key& key) {
  CK_MECHANISM mechanism{CKM_DES3_ECB, nullptr, 0};
  Bytes wrapped(256);
  CK_ULONG length = wrapped.size();
  state.sessions.borrow()->check(HSM_CALL(C_WrapKey), &mechanism, state.handle_of(wrapping),
                                 state.handle_of(key), wrapped.data(), &length);
  wrapped.resize(length);
  return wrapped;
}

/// What C_WrapKey gives is the ECB of the key's value.
bool wraps_by_des(Token& token, Token::State& state) {
  const Key wrapping = throwaway(token, KeyType::des2, {.decrypt = true, .wrap = true});
  const Key key = throwaway(token, KeyType::des2, {.encrypt = true, .extractable = true});
  Secret value(wrap_by_des(state, wrapping, key));
  if (value.size() != 16) return false;
  token.decrypt_ecb(wrapping, value.expose_mutable());
  Bytes in_host(8);
  emvcrypto::make_des(value.expose())->encrypt(in_host);
  in_host.resize(3);
  return in_host == token.kcv(key);
}

bool unwraps_by_des(Token& token, Token::State& state) {
  const Key wrapping = throwaway(token, KeyType::des2, {.encrypt = true, .unwrap = true});
  const Bytes value = emvcrypto::from_hex("0123456789ABCDEFFEDCBA9876543210");
  Bytes wrapped = value;
  token.encrypt_ecb(wrapping, wrapped);
  const Key key = make_secret(
      state, KeyType::des2, value.size(), {.encrypt = true}, "",
      [&](Session& session, Attributes& wanted) {
        CK_MECHANISM mechanism{CKM_DES3_ECB, nullptr, 0};
        CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
        session.check(HSM_CALL(C_UnwrapKey), &mechanism, state.handle_of(wrapping), wrapped.data(),
                      CK_ULONG{wrapped.size()}, wanted.data(), wanted.size(), &object);
        return object;
      });
  return token.kcv(key) == emvcrypto::from_hex("08D7B4");
}

using D = Token::DeriveMode;

const std::array kProbes = {
    Probe{"CKM_DES3_ECB", [](auto& t, auto&) { return returns(t, KeyType::des2, false); }},
    Probe{"CKM_DES3_CBC", [](auto& t, auto&) { return returns(t, KeyType::des2, true); }},
    Probe{"CKM_AES_ECB", [](auto& t, auto&) { return returns(t, KeyType::aes, false); }},
    Probe{"CKM_AES_CBC", [](auto& t, auto&) { return returns(t, KeyType::aes, true); }},
    Probe{"CKM_AES_GCM", [](auto& t, auto&) { return seals(t); }},
    Probe{"CKM_AES_KEY_WRAP", [](auto& t, auto&) { return wraps_by_aes(t); }},
    Probe{"CKM_RSA_PKCS_OAEP", [](auto& t, auto&) { return wraps_by_rsa(t); }},
    Probe{"CKM_RSA_X_509", [](auto& t, auto&) { return signs_raw(t); }},
    Probe{"CKM_DES3_ECB_ENCRYPT_DATA", [](auto& t, auto&) { return derives(t, D::ecb); }},
    Probe{"CKM_DES3_CBC_ENCRYPT_DATA", [](auto& t, auto&) { return derives(t, D::cbc); }},
    Probe{"CKM_SHA256_HMAC", [](auto& t, auto&) { return authenticates(t); }},
    Probe{"CKM_DES3_ECB wrap", wraps_by_des},
    Probe{"CKM_DES3_ECB unwrap", unwraps_by_des},
};

}  // namespace

bool probe_mechanism(Token& token, Token::State& state, const std::string& name) {
  for (const Probe& probe : kProbes) {
    if (probe.name != name) continue;
    try {
      return probe.run(token, state);
    } catch (const Error& error) {
      if (error.device_lost()) throw;
      return false;
    } catch (const SetupError&) {
      return false;  // what it made is not what it should be
    }
  }
  throw std::invalid_argument("no way to try the mechanism " + name);
}

}  // namespace hsm
