#include <stdexcept>

#include "hsm/key_id.h"
#include "hsm/token_state.h"

namespace hsm {

KeyType Key::type() const {
  return state_->type;
}
const std::string& Key::label() const {
  return state_->label;
}
std::size_t Key::size() const {
  return state_->size;
}
const Usage& Key::usage() const {
  return state_->usage;
}

Key::State::State(const Token::State& in, KeyType key_type, std::size_t key_size,
                  const Usage& key_usage)
    : type(key_type), size(key_size), usage(key_usage), token_number(in.number) {}

void Key::State::own(CK_OBJECT_HANDLE object, std::shared_ptr<Token::State> in,
                     std::shared_ptr<Session> made_in) {
  handle = object;
  token = std::move(in);
  session = std::move(made_in);
}

Key::State::~State() {
  if (!token || handle == CK_INVALID_HANDLE) return;
  try {
    token->sessions.borrow()->run(HSM_CALL(C_DestroyObject), handle.load());
  } catch (const std::exception&) {
    // The device is gone or has no session left; the object goes with its own session.
  }
}

bool is_des(KeyType type) {
  return type == KeyType::des2 || type == KeyType::des3;
}

bool is_secret(KeyType type) {
  return is_des(type) || type == KeyType::aes || type == KeyType::generic;
}

CK_KEY_TYPE key_type_number(KeyType type) {
  switch (type) {
    case KeyType::des2:
      return CKK_DES2;
    case KeyType::des3:
      return CKK_DES3;
    case KeyType::aes:
      return CKK_AES;
    case KeyType::generic:
      return CKK_GENERIC_SECRET;
    case KeyType::rsa_private:
    case KeyType::rsa_public:
      return CKK_RSA;
  }
  throw std::invalid_argument("no such type of key");
}

namespace {

std::optional<KeyType> type_of(CK_OBJECT_CLASS object_class, CK_KEY_TYPE number) {
  if (object_class == CKO_PRIVATE_KEY || object_class == CKO_PUBLIC_KEY) {
    if (number != CKK_RSA) return std::nullopt;
    return object_class == CKO_PRIVATE_KEY ? KeyType::rsa_private : KeyType::rsa_public;
  }
  if (object_class != CKO_SECRET_KEY) return std::nullopt;
  for (const KeyType type : {KeyType::des2, KeyType::des3, KeyType::aes, KeyType::generic})
    if (key_type_number(type) == number) return type;
  return std::nullopt;
}

std::size_t size_of(Session& session, CK_OBJECT_HANDLE object, KeyType type, ByteView id) {
  switch (type) {
    case KeyType::des2:
      return 16;
    case KeyType::des3:
      return 24;
    case KeyType::aes:
    case KeyType::generic: {
      const std::size_t length = read_number(session, object, CKA_VALUE_LEN).value_or(0);
      return length != 0 ? length : size_in_id(id).value_or(0);
    }
    case KeyType::rsa_private:
    case KeyType::rsa_public:
      return read_bytes(session, object, CKA_MODULUS).value_or(Bytes()).size();
  }
  return 0;
}

}  // namespace

std::optional<KeyInfo> describe(Session& session, CK_OBJECT_HANDLE object) {
  const auto flag = [&](CK_ATTRIBUTE_TYPE type) { return read_flag(session, object, type); };
  const auto object_class = read_number(session, object, CKA_CLASS);
  const auto number = read_number(session, object, CKA_KEY_TYPE);
  if (!object_class || !number) return std::nullopt;
  const auto type = type_of(*object_class, *number);
  if (!type) return std::nullopt;
  KeyInfo info{};
  info.type = *type;
  const Bytes label = read_bytes(session, object, CKA_LABEL).value_or(Bytes());
  info.label = std::string(emvcrypto::as_text(label));
  info.id = read_bytes(session, object, CKA_ID).value_or(Bytes());
  info.size = size_of(session, object, *type, info.id);
  info.usage = {.encrypt = flag(CKA_ENCRYPT),
                .decrypt = flag(CKA_DECRYPT),
                .wrap = flag(CKA_WRAP),
                .unwrap = flag(CKA_UNWRAP),
                .derive = flag(CKA_DERIVE),
                .sign = flag(CKA_SIGN),
                .verify = flag(CKA_VERIFY),
                .extractable = flag(CKA_EXTRACTABLE)};
  info.sensitive = flag(CKA_SENSITIVE);
  return info;
}

}  // namespace hsm
