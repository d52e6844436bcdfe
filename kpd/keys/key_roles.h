/// Roles of the personaliser's keys: what scripts and the loader ask for, and where it stands in
/// the token.
#pragma once

#include <map>
#include <string>

namespace kpd {

/// How a chip's key comes from its role's key in the token.
enum class KeyDerivation {
  cps,    ///< a master; of KEYDATA the six rightmost bytes (EMV CPS)
  split,  ///< a master; of KEYDATA the first two bytes and bytes 5-8
  fixed   ///< no master: all chips of a delivery have the key itself, as ENC, MAC and DEK
};

/// What a role's keys may do for scripts. A key of a channel never enciphers what a script gives
/// it: that is how session keys are made.
enum class CardKeyUse {
  channel,  ///< opens channels, goes to cards by PUT KEY
  data      ///< enciphers data and makes MACs of them
};

/// One role. It needs the keys of what its cards speak.
struct CardKeyRole {
  std::string des;  ///< label in the token, for SCP02
  std::string aes;  ///< for SCP03; AES card keys have one rule, whichever `derivation` masters have
  KeyDerivation derivation = KeyDerivation::cps;
  CardKeyUse use = CardKeyUse::channel;
};
using KeyRoles = std::map<std::string, CardKeyRole>;

/// The cards' own keys: KMC and KMC-AES.
KeyRoles default_key_roles();

}  // namespace kpd
