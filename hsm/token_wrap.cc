#include <algorithm>
#include <stdexcept>

#include "hsm/secret_maker.h"

namespace hsm {

namespace {

using Method = Token::WrapMethod;

/// RFC 3394 and RFC 5649 add one block of 8 bytes.
constexpr std::size_t kKeyWrapBlock = 8;
constexpr CK_ULONG kOaepDataSpecified = 1;  // CKZ_DATA_SPECIFIED

bool is_rsa(Method method) {
  return method == Method::rsa_oaep || method == Method::rsa_oaep_sha256;
}

/// A mechanism with what it points to.
class WrapMechanism {
 public:
  explicit WrapMechanism(Method method) : method_(method) {
    if (method == Method::rsa_oaep) {
      oaep_ = {CKM_SHA_1, CKG_MGF1_SHA1, kOaepDataSpecified, nullptr, 0};
    } else if (method == Method::rsa_oaep_sha256) {
      oaep_ = {CKM_SHA256, CKG_MGF1_SHA256, kOaepDataSpecified, nullptr, 0};
    }
    if (is_rsa(method))
      mechanism_ = {CKM_RSA_PKCS_OAEP, &oaep_, sizeof(oaep_)};
    else
      mechanism_ = {method == Method::aes_kw ? CKM_AES_KEY_WRAP : kAesKeyWrapKwp, nullptr, 0};
  }
  WrapMechanism(const WrapMechanism&) = delete;
  WrapMechanism& operator=(const WrapMechanism&) = delete;

  /// Runs `call` with the mechanism. RFC 5649 has two numbers: the older one where a device does
  /// not know the newer. Throws Error.
  template <typename Call>
  void run(const char* name, const Call& call) {
    CK_RV rv = call(&mechanism_);
    if (rv == CKR_MECHANISM_INVALID && method_ == Method::aes_kwp) {
      mechanism_.mechanism = CKM_AES_KEY_WRAP_PAD;
      rv = call(&mechanism_);
    }
    if (rv == CKR_OK) return;
    const bool hash = method_ == Method::rsa_oaep_sha256 &&
                      (rv == CKR_ARGUMENTS_BAD || rv == CKR_MECHANISM_PARAM_INVALID);
    throw Error(name, rv, hash ? "this device does RSA-OAEP with SHA-1 alone" : "");
  }

 private:
  Method method_;
  CK_RSA_PKCS_OAEP_PARAMS oaep_{};
  CK_MECHANISM mechanism_{};
};

void check_type(const Key& key, Method method, KeyType rsa_half) {
  if (key.type() != (is_rsa(method) ? rsa_half : KeyType::aes))
    throw std::invalid_argument("the key's type does not fit the way of wrapping");
}

/// Bytes that a value of this size has wrapped by AES.
std::size_t wrapped_size(std::size_t size) {
  return (size + kKeyWrapBlock - 1) / kKeyWrapBlock * kKeyWrapBlock + kKeyWrapBlock;
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
  Method method;
};

CK_OBJECT_HANDLE unwrap_object(Session& session, const Unwrapping& from, Attributes& wanted) {
  WrapMechanism mechanism(from.method);
  CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
  mechanism.run("C_UnwrapKey", [&](CK_MECHANISM* by) {
    return session.run(HSM_CALL(C_UnwrapKey), by, from.key, input(from.wrapped),
                       CK_ULONG{from.wrapped.size()}, wanted.data(), wanted.size(), &object);
  });
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
    WrapMechanism mechanism(Method::aes_kw);
    Bytes wrapped(1024);
    CK_ULONG length = wrapped.size();
    mechanism.run("C_WrapKey", [&](CK_MECHANISM* by) {
      return session.run(HSM_CALL(C_WrapKey), by, key.handle(), value.handle(), wrapped.data(),
                         &length);
    });
    return length - kKeyWrapBlock;
  } catch (const Error& error) {
    if (error.device_lost()) throw;
    return std::nullopt;
  }
}

void check_size_inside(Session& session, const Unwrapping& from, std::size_t expected) {
  const auto inside = size_inside(session, from);
  if (inside && *inside + kKeyWrapBlock != wrapped_size(expected))
    throw SetupError("the wrapped key has " + std::to_string(*inside) + " bytes, not " +
                     std::to_string(expected));
}

}  // namespace

Bytes Token::wrap(const Key& wrapping_key, const Key& key, WrapMethod method) {
  const CK_OBJECT_HANDLE with = state_->handle_of(wrapping_key);
  const CK_OBJECT_HANDLE object = state_->handle_of(key);
  check_type(wrapping_key, method, KeyType::rsa_public);
  if (!is_secret(key.type())) throw std::invalid_argument("only secret keys are wrapped");
  if (method == WrapMethod::aes_kw && key.size() % kKeyWrapBlock != 0)
    throw std::invalid_argument("key wrap takes keys of whole 8 bytes");
  const std::size_t expected = is_rsa(method) ? wrapping_key.size() : wrapped_size(key.size());
  WrapMechanism mechanism(method);
  // Room to spare, so that a device that wraps something else is seen to do so.
  Bytes wrapped(expected + 256);
  CK_ULONG length = wrapped.size();
  auto lease = state_->sessions.borrow();
  mechanism.run("C_WrapKey", [&](CK_MECHANISM* by) {
    return lease->run(HSM_CALL(C_WrapKey), by, with, object, wrapped.data(), &length);
  });
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
  if (!is_rsa(method) && wrapped.size() != wrapped_size(expected))
    throw SetupError("the wrapped key has " + std::to_string(wrapped.size()) + " bytes; a key of " +
                     std::to_string(expected) + " bytes has " +
                     std::to_string(wrapped_size(expected)));
  const Unwrapping from{with, wrapped, method};
  return make_secret(*state_, type, expected, usage, label,
                     [&](Session& session, Attributes& wanted) {
                       if (is_rsa(method)) check_size_inside(session, from, expected);
                       return unwrap_object(session, from, wanted);
                     });
}

}  // namespace hsm
