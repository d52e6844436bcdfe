/// What `kpd hsm doctor` found out, kept in the work area for every later run: device-cache.json.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "hsm/probe.h"
#include "kpd/device/device_profile.h"

namespace kpd {

/// Answers and speeds of one token.
struct DeviceAnswers {
  std::map<std::string, hsm::ProbeAnswer> answers;  ///< by probe
  std::vector<hsm::Speed> speeds;
};

/// What the answers hang on: digest of library, token (model, serial, firmware, label) and profile.
std::string device_fingerprint(const hsm::Token& token, const DeviceProfile& profile);

/// Keeps the answers of this token; those of others stay. Throws Failure(io).
void keep_answers(const std::filesystem::path& area, const hsm::Token& token,
                  const DeviceProfile& profile, const DeviceAnswers& found);

/// Makes the token believe what is kept of it. Returns whether anything was: nothing is when the
/// library, the token or the profile is another one, or the file cannot be read.
bool recall_answers(const std::filesystem::path& area, hsm::Token& token,
                    const DeviceProfile& profile);

}  // namespace kpd
