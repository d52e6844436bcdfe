/// How many threads work at a time, one knob for all that runs in parallel.
#pragma once

#include <functional>

namespace kpd {

/// The most workers that anybody may ask for.
inline constexpr unsigned kMostWorkers = 256;

/// As many as this process may use processors.
unsigned usual_workers();

/// Calls `work`, in which oneTBB's algorithms use that many threads. There may be more of them than
/// processors: a thread that waits for a device across a network does nothing.
void with_workers(unsigned workers, const std::function<void()>& work);

}  // namespace kpd
