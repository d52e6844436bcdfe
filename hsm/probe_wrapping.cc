// Wrapping and unwrapping, by mechanism and type of key: what comes out is compared with this
// process' own.
#include <algorithm>
#include <array>

#include "emvcrypto/cipher.h"
#include "emvcrypto/mac.h"
#include "hsm/mechanism_probe.h"
#include "hsm/secret_maker.h"

namespace hsm {

namespace {

constexpr const char* kGroup = "wrapping";

enum class Form { ecb, cbc, key_wrap };

struct WrapWay {
  const char* name;
  CK_MECHANISM_TYPE mechanism;
  KeyType above;  ///< type of the wrapping key
  Form form;
};

constexpr std::array kWays = {
    WrapWay{"CKM_DES3_ECB", CKM_DES3_ECB, KeyType::des2, Form::ecb},
    WrapWay{"CKM_DES3_CBC", CKM_DES3_CBC, KeyType::des2, Form::cbc},
    WrapWay{"CKM_AES_ECB", CKM_AES_ECB, KeyType::aes, Form::ecb},
    WrapWay{"CKM_AES_CBC", CKM_AES_CBC, KeyType::aes, Form::cbc},
    WrapWay{"CKM_AES_KEY_WRAP", CKM_AES_KEY_WRAP, KeyType::aes, Form::key_wrap},
};

struct Wrapped {
  const char* name;
  KeyType type;
  std::size_t size;
};

constexpr std::array kInside = {
    Wrapped{"des2", KeyType::des2, 16}, Wrapped{"des3", KeyType::des3, 24},
    Wrapped{"aes128", KeyType::aes, 16}, Wrapped{"aes256", KeyType::aes, 32},
    Wrapped{"generic", KeyType::generic, 32}};

/// RFC 3394, 2.2.1.
Bytes key_wrap(emvcrypto::BlockCipher& cipher, ByteView value) {
  constexpr std::size_t kHalf = 8;
  const std::size_t count = value.size() / kHalf;
  Bytes wrapped(kHalf, 0xA6);
  emvcrypto::append(wrapped, value);
  std::uint8_t step = 0;
  for (int round = 0; round < 6; ++round)
    for (std::size_t i = 1; i <= count; ++i) {
      const auto part = wrapped.begin() + static_cast<std::ptrdiff_t>(kHalf * i);
      Bytes block(wrapped.begin(), wrapped.begin() + kHalf);
      block.insert(block.end(), part, part + kHalf);
      cipher.encrypt(block);
      block[kHalf - 1] ^= ++step;
      std::copy_n(block.begin(), kHalf, wrapped.begin());
      std::copy_n(block.begin() + kHalf, kHalf, part);
    }
  return wrapped;
}

Bytes by_host(const WrapWay& way, const Secret& above, ByteView value) {
  const auto cipher = way.above == KeyType::aes ? emvcrypto::make_aes(above.expose())
                                                : emvcrypto::make_des(above.expose());
  if (way.form == Form::key_wrap) return key_wrap(*cipher, value);
  Bytes wrapped(value.begin(), value.end());
  way.form == Form::ecb ? cipher->encrypt(wrapped) : cipher->encrypt_cbc(wrapped);
  return wrapped;
}

/// A mechanism with a zero initial value where it needs one.
struct Mechanism {
  explicit Mechanism(const WrapWay& way) {
    value.mechanism = way.mechanism;
    if (way.form != Form::cbc) return;
    value.pParameter = zeros;
    value.ulParameterLen = way.above == KeyType::aes ? 16 : 8;
  }
  Mechanism(const Mechanism&) = delete;
  Mechanism& operator=(const Mechanism&) = delete;
  CK_BYTE zeros[16] = {};
  CK_MECHANISM value{};
};

Secret above_of(const WrapWay& way) {
  return probe_key(way.above == KeyType::aes ? 32 : 16, 37);
}

bool wraps(Token& token, Token::State& state, const WrapWay& way, const Wrapped& inside) {
  const Secret above_value = above_of(way);
  const Secret value = probe_key(inside.size, 43);
  const Key above = token.create_secret(way.above, above_value, {.wrap = true});
  const Key key = token.create_secret(inside.type, value, {.extractable = true});
  Mechanism mechanism(way);
  Bytes wrapped(256);
  CK_ULONG length = wrapped.size();
  state.sessions.borrow()->check(HSM_CALL(C_WrapKey), &mechanism.value, state.handle_of(above),
                                 state.handle_of(key), wrapped.data(), &length);
  wrapped.resize(length);
  return wrapped == by_host(way, above_value, value.expose());
}

/// Whether a key of the device holds this value.
bool holds(Token& token, const Key& key, const Secret& value) {
  if (key.type() == KeyType::generic) {
    const std::array messages = {probe_pattern(20)};
    return token.hmac_sha256(key, messages).front() ==
           emvcrypto::hmac_sha256(value.expose(), messages[0]);
  }
  Bytes by_device = probe_pattern(16);
  Bytes expected = by_device;
  token.encrypt_ecb(key, by_device);
  (key.type() == KeyType::aes ? emvcrypto::make_aes(value.expose())
                              : emvcrypto::make_des(value.expose()))
      ->encrypt(expected);
  return by_device == expected;
}

bool unwraps(Token& token, Token::State& state, const WrapWay& way, const Wrapped& inside) {
  const Secret above_value = above_of(way);
  const Secret value = probe_key(inside.size, 47);
  const Key above = token.create_secret(way.above, above_value, {.unwrap = true});
  Bytes wrapped = by_host(way, above_value, value.expose());
  const bool generic = inside.type == KeyType::generic;
  const Key key =
      make_secret(state, inside.type, inside.size, {.encrypt = !generic, .sign = generic}, "",
                  [&](Session& session, Attributes& wanted) {
                    Mechanism mechanism(way);
                    CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
                    session.check(HSM_CALL(C_UnwrapKey), &mechanism.value, state.handle_of(above),
                                  wrapped.data(), CK_ULONG{wrapped.size()}, wanted.data(),
                                  wanted.size(), &object);
                    return object;
                  });
  return holds(token, key, value);
}

/// Round trip, since its result is another each time.
bool moves_by_rsa(Token& token, KeyType type, std::size_t size) {
  const Key pair = token.generate_rsa(2048, 65537, {.unwrap = true}, "");
  const Key half = token.import_public(token.public_key(pair));
  const Secret value = probe_key(size, 53);
  const Key key = token.create_secret(type, value, {.extractable = true});
  constexpr auto kOaep = Token::WrapMethod::rsa_oaep;
  const bool generic = type == KeyType::generic;
  const Key moved = token.unwrap(pair, token.wrap(half, key, kOaep), kOaep, type, size,
                                 {.encrypt = !generic, .sign = generic});
  return holds(token, moved, value);
}

}  // namespace

void add_wrap_probes(Probes& to) {
  for (const WrapWay& way : kWays)
    for (const Wrapped& inside : kInside) {
      const std::size_t block = way.form == Form::key_wrap || way.above != KeyType::aes ? 8 : 16;
      if (inside.size % block != 0) continue;
      const std::string name = way.name;
      to.push_back(
          {{name + " wrap " + inside.name, kGroup, way.name},
           [=](Token& token, Token::State& state) { return wraps(token, state, way, inside); }});
      to.push_back(
          {{name + " unwrap " + inside.name, kGroup, way.name},
           [=](Token& token, Token::State& state) { return unwraps(token, state, way, inside); }});
    }
  for (const Wrapped& inside : kInside)
    to.push_back(
        {{std::string("CKM_RSA_PKCS_OAEP move ") + inside.name, kGroup, "CKM_RSA_PKCS_OAEP"},
         [=](Token& token, auto&) { return moves_by_rsa(token, inside.type, inside.size); }});
}

}  // namespace hsm
