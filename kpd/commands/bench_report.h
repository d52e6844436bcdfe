/// Results of a benchmark, and the machine that they are of.
#pragma once

#include <vector>

#include "kpd/bench/bench.h"

namespace kpd {

/// A table for people, or JSON for programs, on standard output.
void report_bench(const std::vector<BenchResult>& results, emvcrypto::FactoryPath path, bool json);

}  // namespace kpd
