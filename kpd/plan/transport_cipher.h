/// The cipher that card keys travel under.
#pragma once

#include "kpd/config/yaml_reader.h"
#include "kpd/plan/plan.h"

namespace kpd {

/// "3des" or "aes". Throws ConfigError when a secret of the plan's cards cannot travel under it.
/// The plan's cards and CMODEs are compiled already.
TransportCipher read_transport_cipher(const Plan& plan, const YamlNode& node);

}  // namespace kpd
