/// Making a work area for tests: tokens, keys in the hands of their parties, a scheme CA.
#pragma once

#include <filesystem>
#include <functional>

#include "hsm/token.h"

namespace kpd {

/// What was made, for people.
struct AreaReport {
  struct KeyLine {
    std::string role, kcv, holders;
  };
  /// An RSA pair in the token of this label.
  struct PairLine {
    std::string token, label, role, fingerprint;
  };
  std::vector<KeyLine> keys;
  std::vector<PairLine> pairs;
  std::vector<std::string> authorities, issuers;
};

/// Makes `folder` from `plan_file` (kind: area-plan): tokens on the plan's device or on `device`,
/// a profile by its name; test keys by RSA-OAEP key transport between them, CA keys and issuer
/// certificates. Both PINs of every token are what `pins` gives. Throws Failure(usage) when the
/// folder is there and not empty, ConfigError for the plan.
AreaReport make_test_area(const std::filesystem::path& folder,
                          const std::filesystem::path& plan_file, hsm::PinSource& pins,
                          const std::string& device = "");

}  // namespace kpd
