/// The floor of a kind of cards: its device calls, and its RSA pairs, without anything else.
#pragma once

#include <map>

#include "hsm/call_script.h"
#include "kpd/bench/bench.h"

namespace kpd {

/// What a floor does again and again.
struct FloorWork {
  hsm::CallScript calls;  ///< of one chunk
  std::size_t cards = 0;  ///< of that chunk
  /// RSA pairs of the chunk that the factory makes, by shape; empty where the device or the pool
  /// has them.
  std::vector<std::pair<emvcrypto::RsaShape, std::size_t>> pairs;
  std::shared_ptr<void> keys;  ///< whose keys the calls use
};

/// So many threads do it for about so many seconds.
BenchRate play_floor(const FloorWork& work, unsigned workers, double seconds,
                     emvcrypto::FactoryPath path);

/// Processor time of this process, seconds.
double cpu_seconds();

}  // namespace kpd
