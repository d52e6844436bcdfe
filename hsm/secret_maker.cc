#include "hsm/secret_maker.h"

#include "hsm/kcv.h"
#include "hsm/key_id.h"
#include "hsm/least_usage.h"

namespace hsm {

namespace {

/// Copies a session key to the token. Nothing when the device refuses.
std::optional<CK_OBJECT_HANDLE> copy_to_token(Session& session, const Key::State& key,
                                              const std::string& label, const Bytes& id) {
  Attributes changes;
  changes.flag(CKA_TOKEN, true).bytes(CKA_LABEL, emvcrypto::as_bytes(label)).bytes(CKA_ID, id);
  if (!key.usage.extractable) changes.flag(CKA_MODIFIABLE, false);
  CK_OBJECT_HANDLE copy = CK_INVALID_HANDLE;
  const CK_RV rv =
      session.run(HSM_CALL(C_CopyObject), key.handle.load(), changes.data(), changes.size(), &copy);
  if (rv == CKR_OK) return copy;
  if (const Error error("C_CopyObject", rv); error.device_lost()) throw error;
  return std::nullopt;
}

}  // namespace

Attributes secret_template(KeyType type, const Usage& usage, const std::string& label) {
  Attributes attributes;
  attributes.number(CKA_CLASS, CKO_SECRET_KEY)
      .number(CKA_KEY_TYPE, key_type_number(type))
      .flag(CKA_TOKEN, !label.empty())
      .flag(CKA_PRIVATE, true)
      .flag(CKA_SENSITIVE, true)
      .flag(CKA_EXTRACTABLE, usage.extractable);
  if (!label.empty()) attributes.bytes(CKA_LABEL, emvcrypto::as_bytes(label));
  add_usage(attributes, usage, CKO_SECRET_KEY);
  return attributes;
}

void check_label_is_free(Token::State& token, Session& session, const std::string& label) {
  for (const CK_OBJECT_CLASS object_class : {CKO_SECRET_KEY, CKO_PRIVATE_KEY}) {
    Attributes wanted;
    wanted.number(CKA_CLASS, object_class)
        .flag(CKA_TOKEN, true)
        .bytes(CKA_LABEL, emvcrypto::as_bytes(label));
    if (!find_objects(session, wanted).empty())
      throw SetupError("the token \"" + token.label + "\" has a key \"" + label + "\" already");
  }
}

std::optional<CK_OBJECT_HANDLE> copy_locked(Session& session, CK_OBJECT_HANDLE object) {
  Attributes changes;
  changes.flag(CKA_MODIFIABLE, false);
  CK_OBJECT_HANDLE copy = CK_INVALID_HANDLE;
  const CK_RV rv =
      session.run(HSM_CALL(C_CopyObject), object, changes.data(), changes.size(), &copy);
  if (rv == CKR_OK) return copy;
  if (const Error error("C_CopyObject", rv); error.device_lost()) throw error;
  return std::nullopt;
}

namespace {

/// A key that is held to its purpose, where the device does that.
CK_OBJECT_HANDLE make_held(Session& session, KeyType type, const Usage& usage,
                           const std::string& label, const MakeObject& make) {
  return with_least_usage(type, usage, [&](LeastUsage* least) {
    Attributes attributes = secret_template(type, usage, label);
    if (least != nullptr) least->add_to(attributes);
    return make(session, attributes);
  });
}

}  // namespace

Key make_secret(Token::State& token, KeyType type, std::size_t size, const Usage& usage,
                const std::string& label, const MakeObject& make) {
  auto lease = token.sessions.borrow();
  Session& session = *lease.session();
  if (!label.empty()) check_label_is_free(token, session, label);
  auto made = std::make_shared<Key::State>(token, type, size, usage);
  made->own(make_held(session, type, usage, "", make), token.shared_from_this(), lease.session());
  if (label.empty()) return Key(std::move(made));

  auto kept = std::make_shared<Key::State>(token, type, size, usage);
  kept->label = label;
  kept->id = make_key_id(find_kcv(session, *made).value_or(CheckValues{}), size);
  if (const auto copy = copy_to_token(session, *made, label, kept->id)) {
    kept->handle = *copy;
  } else {
    kept->id.clear();
    kept->handle = make_held(session, type, usage, label, make);
  }
  return Key(std::move(kept));
}

}  // namespace hsm
