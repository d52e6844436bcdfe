/// Files of a device profile that stand in the work area and name it.
#pragma once

#include "kpd/device/device_profile.h"

namespace kpd {

/// A copied or moved area whose files still name the first one would work on the first one's
/// tokens. Throws Failure(hold) then, and says what to change. Files that are not there, or whose
/// lines were rewritten, are left to the device.
void check_area_files(const DeviceProfile& profile, const std::filesystem::path& area);

}  // namespace kpd
