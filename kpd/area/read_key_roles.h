/// `key_roles` of area.yaml: which of the personaliser's keys cards have in which role.
#pragma once

#include "kpd/config/yaml_reader.h"
#include "kpd/keys/key_roles.h"

namespace kpd {

/// The roles that the map names, and that of the card as it is by default unless it names it.
/// Throws ConfigError with all mistakes.
KeyRoles read_key_roles(const YamlNode& node);

}  // namespace kpd
