/// How much memory this process has had at most.
#pragma once

#include <cstdint>

namespace kpd {

/// The peak is measured from now on (Linux: /proc/self/clear_refs). False where that cannot be
/// done.
bool reset_peak_memory();

/// Resident bytes at the peak (VmHWM); 0 where the system does not tell.
std::uint64_t peak_memory();

}  // namespace kpd
