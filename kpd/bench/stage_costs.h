/// What each stage costs on one thread, and which device calls a chunk makes.
#pragma once

#include "kpd/bench/floor.h"

namespace kpd {

struct StageCosts {
  std::vector<BenchStage> stages;
  FloorWork floor;
  std::size_t pairs_a_card = 0;
};

/// Sends the first chunks of the job's input through the stages, one after the other.
StageCosts measure_stages(const BenchJob& job, emvcrypto::FactoryPath path);

}  // namespace kpd
