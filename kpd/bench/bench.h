/// What a batch costs beyond the device: the whole run against the same device calls without our
/// code, in turns within one run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "emvcrypto/factory/key_factory.h"
#include "hsm/token.h"
#include "kpd/plan/plan.h"

namespace kpd {

/// How a rate was reached.
struct BenchRate {
  double cards_a_second = 0;
  double cpu_us_a_card = 0;  ///< of all threads
};

/// One stage of the pipeline on one thread.
struct BenchStage {
  std::string name;
  double us_a_card = 0;  ///< the whole stage
  double own_us = 0;     ///< without the device's calls and the key factory
  double calls_a_card = 0;
};

/// What was measured of one kind of cards.
struct BenchResult {
  std::string kind;      ///< "SDA", "DDA from the factory" ...
  unsigned workers = 1;  ///< of the whole run
  std::uint64_t cards_a_run = 0;
  std::size_t rsa_pairs_a_card = 0;
  std::map<unsigned, BenchRate> floor;  ///< by workers: the device's calls (and the bare factory)
  std::map<unsigned, BenchRate> run;    ///< by workers: the whole run
  double ratio = 0;                     ///< whole run over the best floor: median of the rounds
  double own_us_a_card = 0;             ///< of processor time, all stages and the intake
  std::vector<BenchStage> stages;
  std::map<std::uint64_t, std::uint64_t> peak_memory;  ///< by cards of a run: bytes
  std::map<std::uint64_t, double> seconds;             ///< the same runs
  std::vector<std::string> left_out;                   ///< calls that the floor lacks
};

struct BenchOptions {
  unsigned workers = 1;
  unsigned rounds = 5;
  double seconds = 2;                 ///< of each turn, about
  std::vector<std::uint64_t> memory;  ///< cards of runs whose memory and time are measured
  emvcrypto::FactoryPath path = emvcrypto::FactoryPath::automatic;
  std::function<bool()> stopped = [] { return false; };
  std::function<void(const std::string&)> say = [](const std::string&) {};
};

/// A job to measure.
struct BenchJob {
  std::string kind;
  Plan plan;
  std::shared_ptr<hsm::Token> token;
  std::shared_ptr<hsm::Module> module;
  std::filesystem::path card_file;  ///< where runs write; made anew each time
  std::filesystem::path pool;       ///< of pairs made ahead
  /// Makes so many records the plan's input; empty: it has its own, however many.
  std::function<void(std::uint64_t)> make_records;
  /// Sees to it that the pool has so many pairs of each kind.
  std::function<void(std::uint64_t)> fill_pool;
};

BenchResult run_bench(const BenchJob& job, const BenchOptions& options);

}  // namespace kpd
