/// Where the RSA pairs of cards come from: a policy of the job.
#pragma once

#include <cstddef>

namespace kpd {

enum class IccKeySource {
  hsm,      ///< the device makes them
  factory,  ///< this process does, seeded by the device (docs/key-factory.md)
  pool      ///< one of the two made them ahead
};

struct IccKeyPlan {
  IccKeySource source = IccKeySource::hsm;
  /// What a job does that finds the pool empty: makes the pair now, or ends (`pool`).
  IccKeySource when_empty = IccKeySource::pool;
  unsigned pool_days = 30;  ///< pairs that were made earlier are not taken; 0: whenever they were
};

/// An RSA pair of the card.
struct RsaPairPlan {
  std::size_t bits = 0;
  unsigned exponent = 3;
  bool full_parts = false;  ///< for cards that take no CRT part with a zero byte in front
};

}  // namespace kpd
