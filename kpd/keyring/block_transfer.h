/// Keys in and out by key blocks (ANSI X9.143, TR-31). The protection key stays in the token but
/// for versions A and C; the clear key passes host memory, since devices know no key blocks.
#pragma once

#include <memory>
#include <string>

#include "emvcrypto/key_block.h"
#include "kpd/keyring/keyring.h"

namespace kpd {

/// What a block says of a key, apart from what its role says.
struct BlockOptions {
  char version = 0;          ///< A to D; 0: B under a 3DES key, D under AES
  std::string usage;         ///< one of the role's; empty: its first
  char mode = 0;             ///< one of the role's; 0: its first
  char exportability = 'N';  ///< for the receiver: N, E, S
  bool with_kcv = false;     ///< optional blocks KC and KP: check values of both keys
};

/// Whether a key of this size may be protected by one of that: never a weaker one.
emvcrypto::Expected<void> check_protection(KeyAlgorithm protecting, KeyAlgorithm inside);

/// The key as a block. Throws Failure: hold when it may not leave, is protected too weakly or lacks
/// a row; usage when its role does not allow what the options say.
std::string export_block(const Keyring& keys, const KeyEntry& key, const KeyEntry& protecting,
                         const BlockOptions& options);

/// A key out of a block, checked against its header and a role.
struct ImportedKey {
  hsm::Secret value;
  KeyAlgorithm algorithm = KeyAlgorithm::des2;
  hsm::CheckValues kcvs;
  emvcrypto::KeyBlockHeader header;
};

/// `usage`: what the key is to do here; the block's mode must allow that, and its exportability
/// that it may leave again. Throws Failure(hold) with what is wrong with the block.
ImportedKey import_block(const Keyring& keys, const std::string& text, const KeyEntry& protecting,
                         const KeyRole& role, const hsm::Usage& usage, bool weak_allowed);

}  // namespace kpd
