/// The keys of one party: what its token has, what the register knows, and how both change
/// together.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hsm/token.h"
#include "kpd/audit/audit_log.h"
#include "kpd/keyring/key_algorithm.h"
#include "kpd/keyring/key_label.h"
#include "kpd/keyring/key_register.h"
#include "kpd/keyring/roles.h"

namespace kpd {

/// One key as token and register know it together.
struct KeyEntry {
  enum class Standing {
    registered,
    unregistered,  ///< in the token alone
    other,         ///< the register knows another key by this label
    missing,       ///< in the register alone
    destroyed
  };
  Standing standing = Standing::unregistered;
  KeyLabel id;
  std::string label;
  std::string kcv;  ///< usual KCV in hexadecimal, of an RSA pair the first
                    ///< 16 digits of its fingerprint; may be empty
  hsm::CheckValues kcvs;
  std::optional<hsm::KeyInfo> info;  ///< of the key in the token
  std::optional<KeyRow> row;
};
std::string_view standing_name(KeyEntry::Standing standing);

/// What a new key is to be.
struct NewKey {
  std::string name;
  const KeyRole* role = nullptr;
  KeyAlgorithm algorithm = KeyAlgorithm::des2;
  hsm::Usage usage;
  std::optional<emvcrypto::Date> from, until;
  KeyState state = KeyState::current;
  char exportability = 'S';                                ///< of one that is extractable: S or E
  bool next_version = false;                               ///< else version 1, which must be free
  std::string origin;                                      ///< for the register: "generated"
  std::string action;                                      ///< for the audit log: "key generate"
  std::vector<std::pair<std::string, std::string>> audit;  ///< its details
  std::string expected_kcv;  ///< that the key in the token must have, by any method; empty: any
};

/// See above. Every change is in the audit log; one that fails leaves token and register as they
/// were. What a crash between both leaves is a key without a row, which list() shows.
class Keyring {
 public:
  Keyring(std::string party, std::shared_ptr<hsm::Token> token, std::filesystem::path register_file,
          AuditLog audit);

  hsm::Token& token() const { return *token_; }
  const std::shared_ptr<hsm::Token>& shared_token() const { return token_; }
  const std::string& party() const { return party_; }
  const AuditLog& audit() const { return audit_; }

  /// Every key by name and version; destroyed ones too.
  std::vector<KeyEntry> list() const;
  /// A version of a key, without version the current one (the only one of keys that are not
  /// registered). Throws Failure(hold) when there is none.
  KeyEntry find(const std::string& name, std::optional<unsigned> version) const;

  /// The key of this name that may protect or open other keys today: the current version, or the
  /// only one. Throws Failure(hold) when there is none, or it is pending, retired, not yet or no
  /// longer valid, or another key than the register knows.
  KeyEntry find_usable(const std::string& name) const;

  /// Throws Failure(hold) when make() would: before a ceremony starts.
  void require_free(const NewKey& wanted) const;

  /// Makes a key by `maker`, which gets its label, and registers it. The current version becomes
  /// `valid` when the new one is `current`.
  KeyEntry make(const NewKey& wanted, const std::function<hsm::Key(const std::string&)>& maker);

  /// Registers a key that is in the token already.
  KeyEntry adopt(const KeyEntry& entry, const KeyRole& role, KeyState state,
                 const std::optional<emvcrypto::Date>& from,
                 const std::optional<emvcrypto::Date>& until);

  /// Changes the state of a registered key: current (the current one becomes valid), retired, which
  /// is for good. Throws Failure: hold; try_again when the key's state changed since it was read.
  void set_state(const KeyEntry& entry, KeyState state, const std::string& action);

  /// Destroys the key in the token; its row, if there is one, stays as `destroyed`.
  void destroy(const KeyEntry& entry);

  /// An audit entry about a key: of what changes neither token nor register, or of a refusal.
  void note(const std::string& action, const std::string& result, const std::string& reason,
            std::vector<std::pair<std::string, std::string>> details) const;

 private:
  KeyLabel place_for(const NewKey& wanted, const std::vector<KeyRow>& rows) const;
  KeyEntry read(const hsm::Key& key, const std::string& label) const;
  std::vector<std::pair<std::string, std::string>> details_of(const KeyEntry& entry) const;
  void make_current(KeyRegister& in, const std::vector<KeyRow>& rows, const KeyRow& row);

  std::string party_;
  std::shared_ptr<hsm::Token> token_;
  std::filesystem::path register_file_;
  AuditLog audit_;
};

}  // namespace kpd
