#include <algorithm>
#include <stdexcept>

#include "hsm/token_state.h"

namespace hsm {

namespace {

/// One C_SignInit and C_Sign a message; each signature has exactly `size` bytes.
std::vector<Bytes> sign_each(Token::State& token, const Key& key, CK_MECHANISM_TYPE type,
                             std::span<const Bytes> messages, std::size_t size) {
  const CK_OBJECT_HANDLE object = token.handle_of(key);
  auto lease = token.sessions.borrow();
  std::vector<Bytes> signatures;
  signatures.reserve(messages.size());
  for (const Bytes& message : messages) {
    CK_MECHANISM mechanism{type, nullptr, 0};
    Bytes signature(size);
    CK_ULONG length = size;
    lease->check(HSM_CALL(C_SignInit), &mechanism, object);
    lease->check(HSM_CALL(C_Sign), input(message), CK_ULONG{message.size()}, signature.data(),
                 &length);
    if (length != size)
      throw Error("C_Sign", CKR_SIGNATURE_LEN_RANGE,
                  "the device returned a signature of another "
                  "length than the key's");
    signatures.push_back(std::move(signature));
  }
  return signatures;
}

}  // namespace

std::vector<Bytes> Token::sign_raw(const Key& key, std::span<const Bytes> blocks) {
  state_->handle_of(key);
  if (key.type() != KeyType::rsa_private) throw std::invalid_argument("not a private key");
  for (const Bytes& block : blocks)
    if (block.size() != key.size())
      throw std::invalid_argument("a block to sign is not as long as the modulus");
  return sign_each(*state_, key, CKM_RSA_X_509, blocks, key.size());
}

std::vector<Bytes> Token::hmac_sha256(const Key& key, std::span<const Bytes> messages) {
  state_->handle_of(key);
  if (key.type() != KeyType::generic) throw std::invalid_argument("not a generic secret");
  return sign_each(*state_, key, CKM_SHA256_HMAC, messages, 32);
}

}  // namespace hsm
