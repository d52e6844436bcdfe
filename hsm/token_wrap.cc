#include <algorithm>
#include <stdexcept>

#include "hsm/secret_maker.h"

namespace hsm {

namespace {

/// RFC 3394 adds one block of 8 bytes.
constexpr std::size_t kKeyWrapOverhead = 8;
constexpr CK_ULONG kOaepDataSpecified = 1;  // CKZ_DATA_SPECIFIED

/// A mechanism with what it points to.
class WrapMechanism {
 public:
  explicit WrapMechanism(Token::WrapMethod method) {
    if (method == Token::WrapMethod::aes_kw) {
      mechanism_ = {CKM_AES_KEY_WRAP, nullptr, 0};
    } else {
      oaep_ = {CKM_SHA_1, CKG_MGF1_SHA1, kOaepDataSpecified, nullptr, 0};
      mechanism_ = {CKM_RSA_PKCS_OAEP, &oaep_, sizeof(oaep_)};
    }
  }
  WrapMechanism(const WrapMechanism&) = delete;
  WrapMechanism& operator=(const WrapMechanism&) = delete;
  CK_MECHANISM* get() { return &mechanism_; }

 private:
  CK_RSA_PKCS_OAEP_PARAMS oaep_{};
  CK_MECHANISM mechanism_{};
};

void check_type(const Key& key, Token::WrapMethod method, KeyType rsa_half) {
  if (key.type() != (method == Token::WrapMethod::aes_kw ? KeyType::aes : rsa_half))
    throw std::invalid_argument("the key's type does not fit the way of wrapping");
}

/// Bytes of the key that is to come out.
std::size_t expected_size(KeyType type, std::size_t size) {
  if (type == KeyType::des2) return 16;
  if (type == KeyType::des3) return 24;
  if (!is_secret(type) || size == 0) throw std::invalid_argument("not a type of secret key");
  return size;
}

struct Unwrapping {
  CK_OBJECT_HANDLE key;
  ByteView wrapped;
  Token::WrapMethod method;
};

CK_OBJECT_HANDLE unwrap_object(Session& session, const Unwrapping& from, Attributes& wanted) {
  WrapMechanism mechanism(from.method);
  CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
  session.check(HSM_CALL(C_UnwrapKey), mechanism.get(), from.key, input(from.wrapped),
                CK_ULONG{from.wrapped.size()}, wanted.data(), wanted.size(), &object);
  return object;
}

/// Bytes of the value inside, up to a whole 8, since devices take one of a wrong length as a DES or
/// AES key and use it: unwrapped as a value without type for the moment and wrapped again under a
/// key made for it, which shows its length. Nothing when the device does not do that.
std::optional<std::size_t> size_inside(Session& session, const Unwrapping& from) {
  try {
    Attributes without_type = secret_template(KeyType::generic, {.extractable = true});
    const ScopedObject value(session, unwrap_object(session, from, without_type));
    Attributes for_once = secret_template(KeyType::aes, {.wrap = true});
    for_once.number(CKA_VALUE_LEN, 32);
    CK_MECHANISM generator{CKM_AES_KEY_GEN, nullptr, 0};
    CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
    session.check(HSM_CALL(C_GenerateKey), &generator, for_once.data(), for_once.size(), &object);
    const ScopedObject key(session, object);
    WrapMechanism mechanism(Token::WrapMethod::aes_kw);
    Bytes wrapped(1024);
    CK_ULONG length = wrapped.size();
    session.check(HSM_CALL(C_WrapKey), mechanism.get(), key.handle(), value.handle(),
                  wrapped.data(), &length);
    return length - kKeyWrapOverhead;
  } catch (const Error& error) {
    if (error.device_lost()) throw;
    return std::nullopt;
  }
}

void check_size_inside(Session& session, const Unwrapping& from, std::size_t expected) {
  const auto inside = size_inside(session, from);
  if (inside && *inside != (expected + kKeyWrapOverhead - 1) / kKeyWrapOverhead * kKeyWrapOverhead)
    throw SetupError("the wrapped key has " + std::to_string(*inside) + " bytes, not " +
                     std::to_string(expected));
}

}  // namespace

Bytes Token::wrap(const Key& wrapping_key, const Key& key, WrapMethod method) {
  const CK_OBJECT_HANDLE with = state_->handle_of(wrapping_key);
  const CK_OBJECT_HANDLE object = state_->handle_of(key);
  check_type(wrapping_key, method, KeyType::rsa_public);
  if (!is_secret(key.type())) throw std::invalid_argument("only secret keys are wrapped");
  if (method == WrapMethod::aes_kw && key.size() % kKeyWrapOverhead != 0)
    throw std::invalid_argument("key wrap takes keys of whole 8 bytes");
  const std::size_t expected =
      method == WrapMethod::aes_kw ? key.size() + kKeyWrapOverhead : wrapping_key.size();
  WrapMechanism mechanism(method);
  // Room to spare, so that a device that wraps something else is seen to do so.
  Bytes wrapped(expected + 256);
  CK_ULONG length = wrapped.size();
  state_->sessions.borrow()->check(HSM_CALL(C_WrapKey), mechanism.get(), with, object,
                                   wrapped.data(), &length);
  if (length != expected)
    throw Error("C_WrapKey", CKR_WRAPPED_KEY_LEN_RANGE,
                "the wrapped key has another length than the key asks for");
  wrapped.resize(length);
  return wrapped;
}

Key Token::unwrap(const Key& unwrapping_key, ByteView wrapped, WrapMethod method, KeyType type,
                  std::size_t size, const Usage& usage, const std::string& label) {
  const CK_OBJECT_HANDLE with = state_->handle_of(unwrapping_key);
  check_type(unwrapping_key, method, KeyType::rsa_private);
  const std::size_t expected = expected_size(type, size);
  if (method == WrapMethod::aes_kw && wrapped.size() != expected + kKeyWrapOverhead)
    throw SetupError("the wrapped key has " + std::to_string(wrapped.size()) + " bytes; a key of " +
                     std::to_string(expected) + " bytes has " +
                     std::to_string(expected + kKeyWrapOverhead));
  const Unwrapping from{with, wrapped, method};
  return make_secret(*state_, type, expected, usage, label,
                     [&](Session& session, Attributes& wanted) {
                       if (method == WrapMethod::rsa_oaep)
                         check_size_inside(session, from, expected);
                       return unwrap_object(session, from, wanted);
                     });
}

}  // namespace hsm
