/// What Token and Key hold. Internal to hsm.
#pragma once

#include <atomic>
#include <map>

#include "hsm/attributes.h"
#include "hsm/library.h"
#include "hsm/session.h"

namespace hsm {

/// A token that is logged in, shared by its Token and by all session keys made in it.
struct Token::State : std::enable_shared_from_this<Token::State> {
  State(std::shared_ptr<Library> from, std::string name, CK_SLOT_ID in, CK_TOKEN_INFO about);

  /// The key's handle. Throws SetupError for an empty key and for one of another token, whose
  /// handle would mean a different key here.
  CK_OBJECT_HANDLE handle_of(const Key& key) const;

  std::shared_ptr<Library> library;
  std::string label;
  CK_SLOT_ID slot;
  CK_TOKEN_INFO info;
  std::uint64_t number;  ///< tells tokens of this process apart, those that were closed too
  SessionPool sessions;
  std::unique_ptr<Session> anchor;  ///< keeps the log-in: never lent

  std::mutex mutex;  ///< of what follows
  std::map<std::string, Key> found;
  std::map<std::string, bool> working;
};

/// A key in the device. Keys of the token leave nothing to do when they go; session keys keep their
/// token logged in and their session open, and are destroyed in the device at the end.
struct Key::State {
  State(const Token::State& token, KeyType key_type, std::size_t key_size, const Usage& key_usage);
  ~State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  /// Makes this the owner of a session object.
  void own(CK_OBJECT_HANDLE object, std::shared_ptr<Token::State> in,
           std::shared_ptr<Session> made_in);

  KeyType type;
  std::size_t size;
  std::string label;
  Bytes id;
  Usage usage;  ///< as it was made or found
  std::uint64_t token_number;
  mutable std::atomic<CK_OBJECT_HANDLE> handle{CK_INVALID_HANDLE};

  std::shared_ptr<Token::State> token;  ///< session keys only
  std::shared_ptr<Session> session;     ///< the session that the object lives in
};

bool is_des(KeyType type);
/// DES, AES or generic secret.
bool is_secret(KeyType type);

/// CKK_DES2 ...; CKK_RSA for both halves of a pair.
CK_KEY_TYPE key_type_number(KeyType type);

/// What the device tells about a key; nothing for a type that this product does not use.
std::optional<KeyInfo> describe(Session& session, CK_OBJECT_HANDLE object);

}  // namespace hsm
