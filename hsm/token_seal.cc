#include <algorithm>
#include <stdexcept>

#include "hsm/token_state.h"

namespace hsm {

namespace {

constexpr std::size_t kNonce = 12;
constexpr std::size_t kTag = 16;

void check_storage_key(const Key& key) {
  if (key.type() != KeyType::aes) throw std::invalid_argument("storage keys are AES keys");
}

CK_GCM_PARAMS parameters(ByteView nonce, ByteView associated) {
  CK_GCM_PARAMS gcm{};
  gcm.pIv = input(nonce);
  gcm.ulIvLen = nonce.size();
  gcm.ulIvBits = nonce.size() * 8;
  gcm.pAAD = input(associated);
  gcm.ulAADLen = associated.size();
  gcm.ulTagBits = kTag * 8;
  return gcm;
}

/// The answers by which devices say that the tag does not fit.
bool is_refused(CK_RV rv) {
  constexpr CK_RV kAeadDecryptFailed = 0x42;  // PKCS#11 3.0
  return rv == CKR_ENCRYPTED_DATA_INVALID || rv == kAeadDecryptFailed || rv == CKR_GENERAL_ERROR;
}

}  // namespace

Bytes Token::seal(const Key& key, const Secret& value, ByteView associated) {
  const CK_OBJECT_HANDLE object = state_->handle_of(key);
  check_storage_key(key);
  Bytes sealed = random(kNonce);
  sealed.resize(kNonce + value.size() + kTag);
  CK_GCM_PARAMS gcm = parameters(ByteView(sealed).first(kNonce), associated);
  CK_MECHANISM mechanism{CKM_AES_GCM, &gcm, sizeof(gcm)};
  CK_ULONG length = sealed.size() - kNonce;
  auto lease = state_->sessions.borrow();
  lease->check(HSM_CALL(C_EncryptInit), &mechanism, object);
  lease->check(HSM_CALL(C_Encrypt), input(value.expose()), CK_ULONG{value.size()},
               sealed.data() + kNonce, &length);
  if (length != value.size() + kTag)
    throw Error("C_Encrypt", CKR_ENCRYPTED_DATA_LEN_RANGE, "the sealed value has a wrong length");
  return sealed;
}

Secret Token::unseal(const Key& key, ByteView sealed, ByteView associated) {
  const CK_OBJECT_HANDLE object = state_->handle_of(key);
  check_storage_key(key);
  const std::string refusal = "a sealed value does not belong to the key \"" + key.label() +
                              "\" of the token \"" + state_->label + "\", or was changed";
  if (sealed.size() < kNonce + kTag) throw SetupError(refusal);
  CK_GCM_PARAMS gcm = parameters(sealed.first(kNonce), associated);
  CK_MECHANISM mechanism{CKM_AES_GCM, &gcm, sizeof(gcm)};
  const ByteView body = sealed.subspan(kNonce);
  Secret buffer(body.size());
  CK_ULONG length = buffer.size();
  auto lease = state_->sessions.borrow();
  lease->check(HSM_CALL(C_DecryptInit), &mechanism, object);
  const CK_RV rv = lease->run(HSM_CALL(C_Decrypt), input(body), CK_ULONG{body.size()},
                              buffer.expose_mutable().data(), &length);
  if (is_refused(rv)) throw SetupError(refusal);
  if (rv != CKR_OK) throw Error("C_Decrypt", rv);
  if (length != body.size() - kTag)
    throw Error("C_Decrypt", CKR_DATA_LEN_RANGE, "the unsealed value has a wrong length");
  return Secret(buffer.expose().first(length));
}

}  // namespace hsm
