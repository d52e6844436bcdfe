#include "hsm/key_uri.h"
#include "hsm/secret_maker.h"

namespace hsm {

namespace {

std::vector<CK_OBJECT_HANDLE> find_named(Session& session, const KeyName& name) {
  std::vector<CK_OBJECT_CLASS> classes = {CKO_SECRET_KEY, CKO_PRIVATE_KEY};
  if (name.object_class) classes = {*name.object_class};
  std::vector<CK_OBJECT_HANDLE> found;
  for (const CK_OBJECT_CLASS object_class : classes) {
    Attributes wanted;
    wanted.number(CKA_CLASS, object_class).flag(CKA_TOKEN, true);
    if (name.label) wanted.bytes(CKA_LABEL, emvcrypto::as_bytes(*name.label));
    if (name.id) wanted.bytes(CKA_ID, *name.id);
    const auto some = find_objects(session, wanted);
    found.insert(found.end(), some.begin(), some.end());
  }
  return found;
}

Key open_key(const Token::State& token, const KeyInfo& info, CK_OBJECT_HANDLE object) {
  auto state = std::make_shared<Key::State>(token, info.type, info.size, info.usage);
  state->label = info.label;
  state->id = info.id;
  state->handle = object;
  return Key(std::move(state));
}

/// The public half of a pair goes with its private half: same id, same modulus.
void destroy_public_half(Session& session, CK_OBJECT_HANDLE private_key) {
  const auto id = read_bytes(session, private_key, CKA_ID);
  const auto modulus = read_bytes(session, private_key, CKA_MODULUS);
  if (!id || id->empty() || !modulus || modulus->empty()) return;
  Attributes wanted;
  wanted.number(CKA_CLASS, CKO_PUBLIC_KEY).bytes(CKA_ID, *id).bytes(CKA_MODULUS, *modulus);
  for (const CK_OBJECT_HANDLE object : find_objects(session, wanted))
    session.check(HSM_CALL(C_DestroyObject), object);
}

}  // namespace

std::optional<Key> Token::try_find(const std::string& uri_or_label) {
  {
    const std::lock_guard lock(state_->mutex);
    if (const auto known = state_->found.find(uri_or_label); known != state_->found.end())
      return known->second;
  }
  const KeyName name = parse_key_name(uri_or_label, state_->info);
  auto lease = state_->sessions.borrow();
  const auto objects = find_named(*lease.session(), name);
  const std::string start = "the token \"" + state_->label + "\" ";
  if (objects.empty()) return std::nullopt;
  if (objects.size() > 1)
    throw SetupError(start + "has " + std::to_string(objects.size()) + " keys \"" + uri_or_label +
                     "\": name the key by its id or type too, or delete the others");
  const auto info = describe(*lease.session(), objects.front());
  if (!info)
    throw SetupError(start + "has \"" + uri_or_label +
                     "\", but that is no DES, AES, generic or "
                     "RSA key");
  const std::lock_guard lock(state_->mutex);
  return state_->found.try_emplace(uri_or_label, open_key(*state_, *info, objects.front()))
      .first->second;
}

Key Token::find(const std::string& uri_or_label) {
  auto key = try_find(uri_or_label);
  if (!key)
    throw SetupError("the token \"" + state_->label + "\" has no private or secret key \"" +
                     uri_or_label + "\": correct the name, or make or load the key first");
  return std::move(*key);
}

std::vector<KeyInfo> Token::list() {
  auto lease = state_->sessions.borrow();
  std::vector<KeyInfo> keys;
  for (const CK_OBJECT_CLASS object_class : {CKO_SECRET_KEY, CKO_PRIVATE_KEY, CKO_PUBLIC_KEY}) {
    Attributes wanted;
    wanted.number(CKA_CLASS, object_class).flag(CKA_TOKEN, true);
    for (const CK_OBJECT_HANDLE object : find_objects(*lease.session(), wanted))
      if (auto info = describe(*lease.session(), object)) keys.push_back(std::move(*info));
  }
  return keys;
}

KeyInfo Token::info(const Key& key) {
  const CK_OBJECT_HANDLE object = state_->handle_of(key);
  auto lease = state_->sessions.borrow();
  auto info = describe(*lease.session(), object);
  if (!info) throw SetupError("the device does not tell what the key \"" + key.label() + "\" is");
  return std::move(*info);
}

void Token::destroy(const Key& key) {
  const CK_OBJECT_HANDLE object = state_->handle_of(key);
  auto lease = state_->sessions.borrow();
  if (key.type() == KeyType::rsa_private) destroy_public_half(*lease.session(), object);
  lease->check(HSM_CALL(C_DestroyObject), object);
  key.state().handle = CK_INVALID_HANDLE;
  const std::lock_guard lock(state_->mutex);
  std::erase_if(state_->found, [&](const auto& entry) {
    return entry.second.state().handle == CK_INVALID_HANDLE ||
           entry.second.state().handle == object;
  });
}

}  // namespace hsm
