/// What keys are for: the roles, and what each allows.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kpd/keyring/key_algorithm.h"

namespace kpd {

/// What a party may do with a key of a role.
struct RoleUse {
  std::string_view party;  ///< as in area.yaml; empty: every other
  std::string_view usual;  ///< the least that the party's work needs: "encrypt,decrypt"
  std::string_view most;   ///< what may be asked for instead, for devices that do more inside
};

/// A role. Tables are in roles_dictionary.cc.
struct KeyRole {
  std::string_view name;                 ///< "IMK-AC"
  std::string_view title;                ///< for people
  std::vector<KeyAlgorithm> algorithms;  ///< the first unless one is asked for
  /// Key usages of key blocks (X9.143, 6.3.1) that may hold such a key; the first for export.
  std::vector<std::string_view> block_usages;
  std::string_view block_modes;  ///< modes of use (6.3.3); the first for export
  std::vector<RoleUse> uses;
  bool equal_halves = false;  ///< single DES for devices that refuse it: both halves are one
  bool shared = false;        ///< of no use before another holder has it too
};

std::span<const KeyRole> key_roles();
const KeyRole* find_role(std::string_view name);
/// Names of all roles, for messages: "KEK1, KEK2-KEY ...".
std::string role_names();

/// What the party's key may do: the usual, or what `asked` ("derive,encrypt") says. Throws
/// Failure(usage) when the role does not allow that, or not to this party.
hsm::Usage role_usage(const KeyRole& role, std::string_view party, std::string_view asked = {});

/// "decrypt, unwrap"; "nothing".
std::string usage_text(const hsm::Usage& usage);

}  // namespace kpd
