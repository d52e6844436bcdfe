#include "kpd/bench/bench.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "kpd/bench/floor.h"
#include "kpd/bench/process_memory.h"
#include "kpd/bench/stage_costs.h"
#include "kpd/exit_code.h"
#include "kpd/intake/intake.h"
#include "kpd/stages/chunk.h"
#include "kpd/stages/pipeline.h"

namespace kpd {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kWarmUp = 8 * Chunk::kSize;
constexpr double kRunTurns = 3;  // a whole run lasts so many turns of a floor

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values.empty() ? 0 : values[values.size() / 2];
}

/// Rates of several turns as one: what they did together in the time that they took together.
class RateSum {
 public:
  void add(const BenchRate& rate) {
    seconds_a_card_ += 1 / rate.cards_a_second;
    cpu_ += rate.cpu_us_a_card;
    ++turns_;
  }
  BenchRate rate() const { return {turns_ / seconds_a_card_, cpu_ / turns_}; }

 private:
  double seconds_a_card_ = 0, cpu_ = 0, turns_ = 0;
};

/// RSA pairs of one kind that a card needs at most.
std::size_t most_pairs_a_card(const Plan& plan) {
  std::size_t most = 0;
  for (const CardPlan& card : plan.cards) {
    std::size_t pairs = 0;
    for (const ApplicationPlan& application : card.applications)
      pairs += (application.icc_key ? 1U : 0U) + (application.pin_key ? 1U : 0U);
    most = std::max(most, pairs);
  }
  return most;
}

class Bench {
 public:
  Bench(const BenchJob& job, const BenchOptions& options)
      : job_(job), options_(options), uses_pool_(job.plan.icc_keys.source == IccKeySource::pool) {}

  BenchResult measure() {
    result_.kind = job_.kind;
    result_.workers = options_.workers;
    make_records(kWarmUp);
    fill_pool();
    const StageCosts costs = measure_stages(job_, options_.path);
    result_.stages = costs.stages;
    result_.left_out = costs.floor.calls.left_out();
    result_.rsa_pairs_a_card = costs.pairs_a_card;
    for (const BenchStage& stage : costs.stages) result_.own_us_a_card += stage.own_us;
    take_turns(costs.floor);
    for (const std::uint64_t cards : options_.memory) measure_memory(cards);
    return std::move(result_);
  }

 private:
  void take_turns(const FloorWork& floor) {
    const double usual =
        play_floor(floor, options_.workers, options_.seconds / 4, options_.path).cards_a_second;
    make_records(std::max<std::uint64_t>(
        kWarmUp, static_cast<std::uint64_t>(kRunTurns * options_.seconds * usual)));
    result_.cards_a_run = records_;
    std::map<unsigned, RateSum> floors, runs;
    std::vector<double> ratios;
    for (unsigned round = 1; round <= options_.rounds; ++round) {
      double best = 0, whole = 0;
      for (unsigned workers = 1; workers <= options_.workers; ++workers) {
        require_wanted();
        options_.say(fmt::format("{}: round {} of {}, {} workers", job_.kind, round,
                                 options_.rounds, workers));
        const BenchRate rate = play_floor(floor, workers, options_.seconds, options_.path);
        best = std::max(best, rate.cards_a_second);
        floors[workers].add(rate);
      }
      for (unsigned workers = 1; workers <= options_.workers; ++workers) {
        const BenchRate rate = run(workers);
        whole = rate.cards_a_second;
        runs[workers].add(rate);
      }
      ratios.push_back(whole / best);
    }
    for (const auto& [workers, sum] : floors) result_.floor[workers] = sum.rate();
    for (const auto& [workers, sum] : runs) result_.run[workers] = sum.rate();
    result_.ratio = median(ratios);
  }

  BenchRate run(unsigned workers) {
    fill_pool();
    require_wanted();
    HostWindows windows(job_.plan.windows);
    NullJournal journal;
    StageContext context{job_.plan, job_.token, windows, journal, {}, {}, workers};
    context.pool = job_.pool;
    context.factory_path = options_.path;
    context.stopped = options_.stopped;
    const auto start = Clock::now();
    const double cpu = cpu_seconds();
    const BatchResult made = run_batch(context, job_.card_file);
    const double passed = std::chrono::duration<double>(Clock::now() - start).count();
    const auto count = static_cast<double>(made.books.read);
    if (made.books.rejects > made.books.read / 2)
      throw Failure(ExitCode::hold, "most records of the benchmark's batch were rejected: see " +
                                        job_.card_file.string());
    return {count / passed, 1e6 * (cpu_seconds() - cpu) / count};
  }

  void measure_memory(std::uint64_t cards) {
    options_.say(fmt::format("{}: memory of {} cards", job_.kind, cards));
    make_records(cards);
    fill_pool();
    if (!reset_peak_memory()) return;
    const BenchRate rate = run(options_.workers);
    result_.peak_memory[cards] = peak_memory();
    result_.seconds[cards] = static_cast<double>(cards) / rate.cards_a_second;
  }

  void require_wanted() const {
    if (options_.stopped()) throw Failure(ExitCode::try_again, "stopped before the end");
  }

  void make_records(std::uint64_t count) {
    if (job_.make_records) {
      job_.make_records(count);
      records_ = count;
    } else if (records_ == 0) {
      Intake intake(job_.plan);
      while (intake.next()) ++records_;
    }
  }

  /// What a run of all records takes at most.
  void fill_pool() const {
    if (uses_pool_) job_.fill_pool(records_ * most_pairs_a_card(job_.plan));
  }

  const BenchJob& job_;
  const BenchOptions& options_;
  std::uint64_t records_ = 0;  ///< of the plan's input
  bool uses_pool_;
  BenchResult result_;
};

}  // namespace

BenchResult run_bench(const BenchJob& job, const BenchOptions& options) {
  return Bench(job, options).measure();
}

}  // namespace kpd
