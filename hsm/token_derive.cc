#include <stdexcept>

#include "hsm/secret_maker.h"

namespace hsm {

namespace {

/// The key that so much input gives under a master of this type.
KeyType type_for(KeyType master, Token::DeriveMode mode, std::size_t size) {
  if (is_des(master)) {
    if (size == 16) return KeyType::des2;
    if (size == 24) return KeyType::des3;
    throw std::invalid_argument("a derivation's input has 16 or 24 bytes");
  }
  if (master != KeyType::aes || mode != Token::DeriveMode::ecb)
    throw std::invalid_argument("keys are derived under DES masters, or under AES ones by ECB");
  if (size != 16 && size != 32)
    throw std::invalid_argument("a derivation's input under AES has 16 or 32 bytes");
  return KeyType::aes;
}

CK_OBJECT_HANDLE derive_one(Session& session, const Key& master, CK_OBJECT_HANDLE handle,
                            const Bytes& with, Token::DeriveMode mode, Attributes& wanted) {
  auto* const data = input(with);
  CK_KEY_DERIVATION_STRING_DATA by_ecb{data, with.size()};
  CK_DES_CBC_ENCRYPT_DATA_PARAMS by_cbc{{0, 0, 0, 0, 0, 0, 0, 0}, data, with.size()};
  CK_MECHANISM mechanism{
      master.type() == KeyType::aes ? CKM_AES_ECB_ENCRYPT_DATA : CKM_DES3_ECB_ENCRYPT_DATA, &by_ecb,
      sizeof(by_ecb)};
  if (mode == Token::DeriveMode::cbc)
    mechanism = {CKM_DES3_CBC_ENCRYPT_DATA, &by_cbc, sizeof(by_cbc)};
  CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
  session.check(HSM_CALL(C_DeriveKey), &mechanism, handle, wanted.data(), wanted.size(), &object);
  return object;
}

}  // namespace

std::vector<Key> Token::derive(const Key& master, std::span<const Bytes> inputs, DeriveMode mode,
                               const Usage& usage) {
  const CK_OBJECT_HANDLE object = state_->handle_of(master);
  std::vector<Key> keys;
  keys.reserve(inputs.size());
  auto lease = state_->sessions.borrow();
  for (const Bytes& input : inputs) {
    const KeyType type = type_for(master.type(), mode, input.size());
    Attributes wanted = secret_template(type, usage);
    if (type == KeyType::aes) wanted.number(CKA_VALUE_LEN, input.size());
    auto key = std::make_shared<Key::State>(*state_, type, input.size(), usage);
    key->own(derive_one(*lease.session(), master, object, input, mode, wanted), state_,
             lease.session());
    keys.emplace_back(std::move(key));
  }
  return keys;
}

}  // namespace hsm
