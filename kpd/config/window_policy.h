/// Which host windows are allowed, as jobs and areas write it.
#pragma once

#include "kpd/config/yaml_reader.h"
#include "kpd/plan/plan.h"

namespace kpd {

/// `host_window: allow`, `host_window: refuse`, or a map {card_keys, pins, icc_keys, record_mac};
/// what is not named is refused.
WindowPolicy read_window_policy(const YamlNode& node);

}  // namespace kpd
