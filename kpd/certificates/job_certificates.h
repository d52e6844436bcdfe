/// What a job does to the certificate register before its first card.
#pragma once

#include <filesystem>

#include "kpd/plan/plan.h"

namespace kpd {

/// Class of the warning that a job's issuer certificate ends soon.
inline constexpr const char* kEndingCertificate = "certificate-expiry";

/// Claims the certificate serials that the job calls its own (`serial_count`) in the register of
/// the work area in `area`. Throws Failure(hold) when another job has some of them.
void claim_serials(const std::filesystem::path& area, const Plan& plan);

/// The same, and notes that cards are being signed with them: from then on nobody frees them.
void use_serials(const std::filesystem::path& area, const Plan& plan);

}  // namespace kpd
