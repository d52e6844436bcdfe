// Secrets that go from key to key inside the device.
#include <stdexcept>

#include "hsm/secret_maker.h"

namespace hsm {

namespace {

constexpr std::size_t kDesBlock = 8;
constexpr std::size_t kAesBlock = 16;

/// ECB by C_WrapKey and C_UnwrapKey. Under AES it is one block of CBC with a zero initial value.
class EcbMechanism {
 public:
  explicit EcbMechanism(KeyType type) {
    if (type == KeyType::aes) mechanism_ = {CKM_AES_CBC, zeros_, sizeof(zeros_)};
  }
  EcbMechanism(const EcbMechanism&) = delete;
  EcbMechanism& operator=(const EcbMechanism&) = delete;
  CK_MECHANISM* get() { return &mechanism_; }

 private:
  CK_BYTE zeros_[kAesBlock] = {};
  CK_MECHANISM mechanism_{CKM_DES3_ECB, nullptr, 0};
};

Bytes wrap_object(Session& session, const Key& with, CK_OBJECT_HANDLE with_object,
                  CK_OBJECT_HANDLE object, std::size_t size) {
  EcbMechanism mechanism(with.type());
  // Room to spare, so that a device that wraps something else is seen to do so.
  Bytes wrapped(size + 64);
  CK_ULONG length = wrapped.size();
  session.check(HSM_CALL(C_WrapKey), mechanism.get(), with_object, object, wrapped.data(), &length);
  if (length != size)
    throw Error("C_WrapKey", CKR_WRAPPED_KEY_LEN_RANGE,
                "the wrapped secret has another length than the secret");
  wrapped.resize(length);
  return wrapped;
}

CK_OBJECT_HANDLE unwrap_object(Session& session, CK_OBJECT_HANDLE with, ByteView wrapped,
                               Attributes& wanted) {
  EcbMechanism mechanism(KeyType::des3);
  CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
  session.check(HSM_CALL(C_UnwrapKey), mechanism.get(), with, input(wrapped),
                CK_ULONG{wrapped.size()}, wanted.data(), wanted.size(), &object);
  return object;
}

CK_OBJECT_HANDLE xor_object(Session& session, CK_OBJECT_HANDLE base, ByteView mask,
                            Attributes& wanted) {
  CK_KEY_DERIVATION_STRING_DATA data{input(mask), mask.size()};
  CK_MECHANISM mechanism{CKM_XOR_BASE_AND_DATA, &data, sizeof(data)};
  CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
  session.check(HSM_CALL(C_DeriveKey), &mechanism, base, wanted.data(), wanted.size(), &object);
  return object;
}

void check_des(const Key& key) {
  if (!is_des(key.type())) throw std::invalid_argument("not a DES key");
}

void check_blocks(ByteView blocks, std::size_t block) {
  if (blocks.empty() || blocks.size() % block != 0)
    throw std::invalid_argument("not a whole number of blocks");
}

}  // namespace

std::vector<InsideKey> Token::derive_wrapped(const Key& master, std::span<const Bytes> inputs,
                                             const Key& transport) {
  const CK_OBJECT_HANDLE with = state_->handle_of(transport);
  if (!is_des(transport.type()) && transport.type() != KeyType::aes)
    throw std::invalid_argument("card keys travel under DES or AES keys");
  for (const Bytes& one : inputs) check_blocks(one, kAesBlock);
  // They may encipher for the check value alone, and leave for the wrapping.
  const auto keys = derive(master, inputs, DeriveMode::ecb, {.encrypt = true, .extractable = true});
  std::vector<InsideKey> wrapped;
  wrapped.reserve(keys.size());
  auto lease = state_->sessions.borrow();
  for (const Key& key : keys)
    wrapped.push_back(
        {wrap_object(*lease.session(), transport, with, key.state().handle, key.size()), kcv(key)});
  return wrapped;
}

std::vector<Bytes> Token::rewrap_ecb(const Key& from, const Key& to,
                                     std::span<const Passage> secrets) {
  const CK_OBJECT_HANDLE unwrapping = state_->handle_of(from);
  const CK_OBJECT_HANDLE wrapping = state_->handle_of(to);
  check_des(from);
  check_des(to);
  Attributes base = secret_template(KeyType::generic, {.derive = true, .extractable = true});
  Attributes result = secret_template(KeyType::generic, {.extractable = true});
  std::vector<Bytes> rewrapped;
  rewrapped.reserve(secrets.size());
  auto lease = state_->sessions.borrow();
  Session& session = *lease.session();
  for (const Passage& secret : secrets) {
    check_blocks(secret.value, kDesBlock);
    const std::size_t size = secret.value.size();
    const ScopedObject came(session, unwrap_object(session, unwrapping, secret.value, base));
    if (secret.mask.empty()) {
      rewrapped.push_back(wrap_object(session, to, wrapping, came.handle(), size));
      continue;
    }
    if (secret.mask.size() != size) throw std::invalid_argument("a mask is as long as its secret");
    const ScopedObject masked(session, xor_object(session, came.handle(), secret.mask, result));
    rewrapped.push_back(wrap_object(session, to, wrapping, masked.handle(), size));
  }
  return rewrapped;
}

Bytes Token::wrap_public(const Key& key, ByteView blocks) {
  const CK_OBJECT_HANDLE with = state_->handle_of(key);
  check_des(key);
  check_blocks(blocks, kDesBlock);
  auto lease = state_->sessions.borrow();
  Session& session = *lease.session();
  Attributes wanted = secret_template(KeyType::generic, {.extractable = true});
  wanted.bytes(CKA_VALUE, blocks);
  CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
  session.check(HSM_CALL(C_CreateObject), wanted.data(), wanted.size(), &object);
  const ScopedObject scoped(session, object);
  return wrap_object(session, key, with, object, blocks.size());
}

Key Token::unwrap_ecb(const Key& unwrapping_key, ByteView wrapped, const Usage& usage) {
  const CK_OBJECT_HANDLE with = state_->handle_of(unwrapping_key);
  check_des(unwrapping_key);
  if (wrapped.size() != 16 && wrapped.size() != 24)
    throw std::invalid_argument("a DES key under ECB has 16 or 24 bytes");
  const KeyType type = wrapped.size() == 16 ? KeyType::des2 : KeyType::des3;
  return make_secret(*state_, type, wrapped.size(), usage, "",
                     [&](Session& session, Attributes& wanted) {
                       return unwrap_object(session, with, wrapped, wanted);
                     });
}

}  // namespace hsm
