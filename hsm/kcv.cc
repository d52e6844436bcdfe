#include "hsm/kcv.h"

#include "hsm/key_id.h"
#include "hsm/secret_maker.h"

namespace hsm {

namespace {

constexpr std::size_t kKcvSize = 3;

Bytes encipher_check(Session& session, CK_OBJECT_HANDLE object, KeyType type) {
  Bytes block = type == KeyType::aes ? Bytes(16, 0x01) : Bytes(8, 0x00);
  CK_MECHANISM mechanism{type == KeyType::aes ? CKM_AES_ECB : CKM_DES3_ECB, nullptr, 0};
  session.check(HSM_CALL(C_EncryptInit), &mechanism, object);
  CK_ULONG length = block.size();
  session.check(HSM_CALL(C_Encrypt), block.data(), CK_ULONG{block.size()}, block.data(), &length);
  if (length != block.size()) throw Error("C_Encrypt", CKR_ENCRYPTED_DATA_LEN_RANGE);
  block.resize(kKcvSize);
  return block;
}

/// By a session copy that may encipher and nothing else, destroyed at once.
std::optional<Bytes> encipher_by_copy(Session& session, const Key::State& key) {
  Attributes changes;
  changes.flag(CKA_TOKEN, false);
  if (read_flag(session, key.handle, CKA_EXTRACTABLE)) changes.flag(CKA_EXTRACTABLE, false);
  add_usage(changes, Usage{.encrypt = true}, CKO_SECRET_KEY);
  CK_OBJECT_HANDLE copy = CK_INVALID_HANDLE;
  const CK_RV rv =
      session.run(HSM_CALL(C_CopyObject), key.handle.load(), changes.data(), changes.size(), &copy);
  if (const Error error("C_CopyObject", rv); error.device_lost()) throw error;
  if (rv != CKR_OK) return std::nullopt;
  const ScopedObject scoped(session, copy);
  return encipher_check(session, copy, key.type);
}

}  // namespace

std::optional<Bytes> find_kcv(Session& session, const Key::State& key) {
  if (!is_des(key.type) && key.type != KeyType::aes) return std::nullopt;
  if (key.usage.encrypt) return encipher_check(session, key.handle, key.type);
  if (auto kcv = encipher_by_copy(session, key)) return kcv;
  return kcv_in_id(key.id);
}

Bytes Token::kcv(const Key& key) {
  state_->handle_of(key);
  auto lease = state_->sessions.borrow();
  auto kcv = find_kcv(*lease.session(), key.state());
  if (!kcv)
    throw SetupError("the check value of the key \"" + key.label() +
                     "\" cannot be found: it is no "
                     "DES or AES key, or it may not encipher and was not made by this product");
  return std::move(*kcv);
}

}  // namespace hsm
