/// What a device can do for a job: every probe, speeds, the way of each secret.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kpd/device/device_cache.h"
#include "kpd/device/routes.h"

namespace kpd {

/// What came of one probe, and what the device says of it.
struct Finding {
  hsm::ProbeInfo probe;
  hsm::ProbeAnswer answer;
  bool listed = true;  ///< the device lists the mechanism, or the probe hangs on none

  /// "works", "works, not listed", "listed, does not work", "not listed"; rules are "kept" or
  /// "not kept", other operations without a mechanism "works" or "does not work".
  std::string verdict() const;
};

struct Diagnosis {
  hsm::TokenInfo token;
  std::vector<Finding> findings;
  std::vector<hsm::Speed> speeds;
  std::vector<std::string> limits;  ///< what cannot be done or checked inside
  std::optional<Routes> routes;     ///< of a job
};

/// Tries everything and measures speeds. plan: of a job whose keys are in this token, or null.
Diagnosis diagnose(hsm::Token& token, const DeviceProfile& profile, const Plan* plan);

/// The answers of a diagnosis as they are kept.
DeviceAnswers answers_of(const Diagnosis& diagnosis);

}  // namespace kpd
