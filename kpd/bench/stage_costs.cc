#include "kpd/bench/stage_costs.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>

#include "kpd/exit_code.h"
#include "kpd/intake/intake.h"
#include "kpd/pool/icc_key_sources.h"
#include "kpd/stages/emit.h"
#include "kpd/stages/prepare.h"
#include "kpd/stages/sign.h"

namespace kpd {
namespace {

using Clock = std::chrono::steady_clock;

/// A stage's time and, of it, what the device and the key factory took.
class StageMeter {
 public:
  explicit StageMeter(std::string name) : name_(std::move(name)) {}

  template <typename Work>
  void add(const Work& work) {
    const hsm::CallTime device;
    const auto start = Clock::now();
    work();
    whole_ += Clock::now() - start;
    inside_ += device.inside;
    calls_ += device.calls;
  }
  void take_off(std::chrono::nanoseconds elsewhere) { inside_ += elsewhere; }

  BenchStage cost(std::size_t cards) const {
    const auto us = [&](std::chrono::nanoseconds time) {
      return std::chrono::duration<double, std::micro>(time).count() / static_cast<double>(cards);
    };
    return {name_, us(whole_), us(whole_ - inside_),
            static_cast<double>(calls_) / static_cast<double>(cards)};
  }

 private:
  std::string name_;
  std::chrono::nanoseconds whole_{0}, inside_{0};
  std::size_t calls_ = 0;
};

/// Pairs by the factory, and the time that it took.
class TimedFactory : public IccKeys {
 public:
  TimedFactory(std::unique_ptr<IccKeys> keys, std::chrono::nanoseconds& time)
      : keys_(std::move(keys)), time_(time) {}
  std::vector<emvcrypto::RsaKeyPair> take(const emvcrypto::RsaShape& shape,
                                          std::size_t count) override {
    const auto start = Clock::now();
    auto pairs = keys_->take(shape, count);
    time_ += Clock::now() - start;
    return pairs;
  }
  IccKeyCounts counts() const override { return keys_->counts(); }

 private:
  std::unique_ptr<IccKeys> keys_;
  std::chrono::nanoseconds& time_;
};

using Pairs = std::vector<std::pair<emvcrypto::RsaShape, std::size_t>>;

/// RSA pairs of the cards in hand.
Pairs pairs_of(const Plan& plan, const std::vector<pb::Card>& cards) {
  Pairs pairs;
  const auto add = [&](const std::optional<RsaPairPlan>& pair) {
    if (!pair) return;
    const emvcrypto::RsaShape shape = shape_of(*pair);
    auto found = std::ranges::find(pairs, shape, &Pairs::value_type::first);
    if (found == pairs.end()) found = pairs.insert(pairs.end(), {shape, 0});
    ++found->second;
  };
  for (const pb::Card& card : cards)
    for (const ApplicationPlan& application : plan.cards[card.card()].applications) {
      add(application.icc_key);
      add(application.pin_key);
    }
  return pairs;
}

std::size_t read_chunk(Intake& intake, Chunk& chunk) {
  while (chunk.read < Chunk::kSize) {
    auto item = intake.next();
    if (!item) break;
    ++chunk.read;
    if (auto* card = std::get_if<pb::Card>(&*item)) chunk.cards.push_back(std::move(*card));
  }
  return chunk.read;
}

/// The stages of one job. While they live, so do their keys in the device.
class Stages {
 public:
  Stages(const BenchJob& job, emvcrypto::FactoryPath path)
      : windows_(job.plan.windows),
        prepare(job.plan, job.token, windows_, keys(job, path)),
        sign(job.plan, job.token),
        nowhere_("/dev/null", std::ios::binary),
        emit(job.plan, job.token, windows_, nowhere_, Bytes(kRunSize), 0, wrapped()) {}

  /// What the factory took so far.
  std::chrono::nanoseconds factory_time{0};

 private:
  static constexpr std::size_t kRunSize = 16;

  std::unique_ptr<IccKeys> keys(const BenchJob& job, emvcrypto::FactoryPath path) {
    auto keys = open_icc_keys(job.plan, job.token, job.pool, path);
    if (job.plan.icc_keys.source != IccKeySource::factory) return keys;
    return std::make_unique<TimedFactory>(std::move(keys), factory_time);
  }
  std::vector<cps::WrappedKey> wrapped() const {
    std::vector<cps::WrappedKey> wrapped;
    for (const pb::TransportKey& key : prepare.transport_keys().wrapped)
      wrapped.push_back(to_file_form(key));
    return wrapped;
  }

  HostWindows windows_;

 public:
  Prepare prepare;
  Sign sign;

 private:
  std::ofstream nowhere_;

 public:
  Emit emit;
};

}  // namespace

StageCosts measure_stages(const BenchJob& job, emvcrypto::FactoryPath path) {
  Intake intake(job.plan);
  const auto all = std::make_shared<Stages>(job, path);
  const bool from_factory = job.plan.icc_keys.source == IccKeySource::factory;
  StageMeter in("intake"), made("prepare"), certified("sign"), laid("emit"), out("write");
  std::size_t cards = 0;
  std::optional<hsm::CallScript> calls;
  FloorWork floor{hsm::CallScript::record(*job.module, job.token->label(), [] {}), 0, {}, all};
  std::size_t pairs_a_card = 0;
  for (std::size_t number = 0;; ++number) {
    Chunk chunk;
    std::size_t read = 0;
    const auto stages = [&](const auto& around) {
      around(made, [&] { all->prepare.run(chunk); });
      around(certified, [&] { all->sign.run(chunk); });
      around(laid, [&] { all->emit.run(chunk); });
      around(out, [&] { all->emit.write(chunk); });
    };
    const auto bare = [](StageMeter&, const auto& work) { work(); };
    if (number < 2) {  // the first warms up, the second is noted
      read = read_chunk(intake, chunk);
      const Pairs pairs = pairs_of(job.plan, chunk.cards);
      auto script = hsm::CallScript::record(*job.module, job.token->label(), [&] { stages(bare); });
      if (number == 1 && read > 0) {
        floor = {std::move(script), read, from_factory ? pairs : Pairs(), all};
        for (const auto& [shape, count] : pairs) pairs_a_card += count;
        pairs_a_card /= read;
        all->factory_time = {};
      }
    } else {
      in.add([&] { read = read_chunk(intake, chunk); });
      if (read > 0) stages([](StageMeter& meter, const auto& work) { meter.add(work); });
      cards += read;
    }
    if (read == 0) break;
  }
  if (cards == 0)
    throw Failure(ExitCode::usage, fmt::format("the bench needs more than {} records to measure on",
                                               2 * Chunk::kSize));
  made.take_off(all->factory_time);
  StageCosts costs{{}, std::move(floor), pairs_a_card};
  for (const StageMeter* meter : {&in, &made, &certified, &laid, &out})
    costs.stages.push_back(meter->cost(cards));
  return costs;
}

}  // namespace kpd
