/// Filling the pool in quiet hours.
#pragma once

#include "kpd/keys/icc_keys.h"
#include "kpd/plan/plan.h"
#include "kpd/pool/key_pool.h"

namespace kpd {

/// Pairs of one shape that are to be made.
struct PoolOrder {
  emvcrypto::RsaShape shape;
  std::size_t pairs = 0;
};

/// What brings each shape that the plan's cards need to `level` pairs that are young enough for it.
std::vector<PoolOrder> missing_pairs(const Plan& plan, const KeyPool& pool, std::size_t level);

struct PoolFilling {
  IccKeys& source;
  std::string source_name;  ///< "hsm" or "factory"
  std::shared_ptr<hsm::Token> token;
  hsm::Key storage;
  emvcrypto::Date today;
  unsigned workers = 1;
  std::function<bool()> stopped;                   ///< whether to end early
  std::function<void(std::size_t made)> progress;  ///< called by one thread at a time
};

/// Makes them, a file of at most kPairsAFile after the other for each worker; what was made when it
/// is stopped is kept. Returns how many.
std::size_t fill_pool(KeyPool& pool, const std::vector<PoolOrder>& orders,
                      const PoolFilling& filling);

inline constexpr std::size_t kPairsAFile = 512;

/// Lets everything else on this machine go first, for the rest of the process: SCHED_IDLE, and the
/// lowest priority where that is not to be had.
void yield_to_others();

}  // namespace kpd
