/// What a work area for tests is made of, as a file of kind `area-plan` says it.
#pragma once

#include <filesystem>

#include "kpd/area/key_distribution.h"
#include "kpd/area/scheme_ca.h"

namespace kpd {

struct AreaPlan {
  std::string device = "softhsm";  ///< profile in templates/devices
  bool test = false;
  std::vector<std::pair<std::string, std::string>> tokens;  ///< party and label
  std::vector<SharedKey> keys;
  std::vector<TestAuthority> authorities;
  std::vector<TestIssuer> issuers;
};

/// Throws ConfigError.
AreaPlan read_area_plan(const std::filesystem::path& file);

}  // namespace kpd
