/// How secret keys come into the device. Internal to hsm.
#pragma once

#include <functional>

#include "hsm/token_state.h"

namespace hsm {

/// Makes one object from a template, by C_GenerateKey, C_CreateObject or C_UnwrapKey.
using MakeObject = std::function<CK_OBJECT_HANDLE(Session&, Attributes&)>;

/// The attributes of a secret key but for those of how it is made: private, sensitive, every usage
/// said. A key of the token when it has a label.
Attributes secret_template(KeyType type, const Usage& usage, const std::string& label = "");

/// Destroys an object at the end of the scope.
class ScopedObject {
 public:
  ScopedObject(Session& session, CK_OBJECT_HANDLE object) : session_(session), object_(object) {}
  ~ScopedObject() { session_.run(HSM_CALL(C_DestroyObject), object_); }
  ScopedObject(const ScopedObject&) = delete;
  ScopedObject& operator=(const ScopedObject&) = delete;
  CK_OBJECT_HANDLE handle() const { return object_; }

 private:
  Session& session_;
  CK_OBJECT_HANDLE object_;
};

/// A session key without a label. With one, a key of the token that appears there complete: made as
/// a session key, its KCV found, then copied to the token with its id and (unless extractable)
/// locked against change and copying. Devices that refuse such copies make the key on the token at
/// once, without id and lock. Throws SetupError when the label is taken.
Key make_secret(Token::State& token, KeyType type, std::size_t size, const Usage& usage,
                const std::string& label, const MakeObject& make);

/// Throws SetupError when the token has a private or secret key of this label.
void check_label_is_free(Token::State& token, Session& session, const std::string& label);

/// Copies a key of the token to one that can be neither changed nor copied; nothing when the device
/// does not do that.
std::optional<CK_OBJECT_HANDLE> copy_locked(Session& session, CK_OBJECT_HANDLE object);

}  // namespace hsm
