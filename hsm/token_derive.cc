#include <stdexcept>

#include "hsm/secret_maker.h"

namespace hsm {

namespace {

KeyType type_for(std::size_t input_size) {
  if (input_size == 16) return KeyType::des2;
  if (input_size == 24) return KeyType::des3;
  throw std::invalid_argument("a derivation's input has 16 or 24 bytes");
}

CK_OBJECT_HANDLE derive_one(Session& session, CK_OBJECT_HANDLE master, const Bytes& with,
                            Token::DeriveMode mode, Attributes& wanted) {
  auto* const data = input(with);
  CK_KEY_DERIVATION_STRING_DATA by_ecb{data, with.size()};
  CK_DES_CBC_ENCRYPT_DATA_PARAMS by_cbc{{0, 0, 0, 0, 0, 0, 0, 0}, data, with.size()};
  CK_MECHANISM mechanism{CKM_DES3_ECB_ENCRYPT_DATA, &by_ecb, sizeof(by_ecb)};
  if (mode == Token::DeriveMode::cbc)
    mechanism = {CKM_DES3_CBC_ENCRYPT_DATA, &by_cbc, sizeof(by_cbc)};
  CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
  session.check(HSM_CALL(C_DeriveKey), &mechanism, master, wanted.data(), wanted.size(), &object);
  return object;
}

}  // namespace

std::vector<Key> Token::derive(const Key& master, std::span<const Bytes> inputs, DeriveMode mode,
                               const Usage& usage) {
  const CK_OBJECT_HANDLE object = state_->handle_of(master);
  if (!is_des(master.type())) throw std::invalid_argument("keys are derived under DES masters");
  Attributes des2 = secret_template(KeyType::des2, usage);
  Attributes des3 = secret_template(KeyType::des3, usage);
  std::vector<Key> keys;
  keys.reserve(inputs.size());
  auto lease = state_->sessions.borrow();
  for (const Bytes& input : inputs) {
    const KeyType type = type_for(input.size());
    auto key = std::make_shared<Key::State>(*state_, type, input.size(), usage);
    key->own(derive_one(*lease.session(), object, input, mode, type == KeyType::des2 ? des2 : des3),
             state_, lease.session());
    keys.emplace_back(std::move(key));
  }
  return keys;
}

}  // namespace hsm
