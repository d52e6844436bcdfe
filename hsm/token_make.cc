#include <stdexcept>

#include "hsm/secret_maker.h"

namespace hsm {

namespace {

struct Generator {
  CK_MECHANISM_TYPE mechanism;
  bool length_is_given;
};

Generator generator_of(KeyType type) {
  switch (type) {
    case KeyType::des2:
      return {CKM_DES2_KEY_GEN, false};
    case KeyType::des3:
      return {CKM_DES3_KEY_GEN, false};
    case KeyType::aes:
      return {CKM_AES_KEY_GEN, true};
    case KeyType::generic:
      return {CKM_GENERIC_SECRET_KEY_GEN, true};
    case KeyType::rsa_private:
    case KeyType::rsa_public:
      break;
  }
  throw std::invalid_argument("not a type of secret key");
}

void check_size(KeyType type, std::size_t size) {
  const bool fits = (type == KeyType::des2 && size == 16) ||
                    (type == KeyType::des3 && size == 24) ||
                    (type == KeyType::aes && (size == 16 || size == 24 || size == 32)) ||
                    (type == KeyType::generic && size > 0);
  if (!fits) throw std::invalid_argument("a key of this type cannot have this size");
}

}  // namespace

Key Token::generate_secret(KeyType type, std::size_t size, const Usage& usage,
                           const std::string& label) {
  check_size(type, size);
  const Generator generator = generator_of(type);
  return make_secret(*state_, type, size, usage, label, [&](Session& session, Attributes& wanted) {
    if (generator.length_is_given) wanted.number(CKA_VALUE_LEN, size);
    CK_MECHANISM mechanism{generator.mechanism, nullptr, 0};
    CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
    session.check(HSM_CALL(C_GenerateKey), &mechanism, wanted.data(), wanted.size(), &object);
    return object;
  });
}

Key Token::create_secret(KeyType type, const Secret& value, const Usage& usage,
                         const std::string& label) {
  check_size(type, value.size());
  return make_secret(
      *state_, type, value.size(), usage, label, [&](Session& session, Attributes& wanted) {
        wanted.bytes(CKA_VALUE, value.expose());
        CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;
        session.check(HSM_CALL(C_CreateObject), wanted.data(), wanted.size(), &object);
        return object;
      });
}

Bytes Token::random(std::size_t count) {
  Bytes bytes(count);
  if (count == 0) return bytes;
  state_->sessions.borrow()->check(HSM_CALL(C_GenerateRandom), bytes.data(),
                                   CK_ULONG{bytes.size()});
  return bytes;
}

Secret Token::random_secret(std::size_t count) {
  Secret secret(count);
  if (count == 0) return secret;
  state_->sessions.borrow()->check(HSM_CALL(C_GenerateRandom), secret.expose_mutable().data(),
                                   CK_ULONG{count});
  return secret;
}

void Token::seal_against_export(const Key& key) {
  auto lease = state_->sessions.borrow();
  Session& session = *lease.session();
  const CK_OBJECT_HANDLE object = state_->handle_of(key);
  if (!read_flag(session, object, CKA_EXTRACTABLE)) return;
  Attributes change;
  change.flag(CKA_EXTRACTABLE, false);
  session.check(HSM_CALL(C_SetAttributeValue), object, change.data(), change.size());
  if (key.label().empty()) return;
  const auto locked = copy_locked(session, object);
  // Some devices take a copy with the same id for the key itself.
  if (!locked || *locked == object) return;
  key.state().handle = *locked;
  session.check(HSM_CALL(C_DestroyObject), object);
}

}  // namespace hsm
