#include "kpd/station/load_station.h"

#include <thread>

#include "kpd/exit_code.h"
#include "kpd/keys/personaliser_keys.h"
#include "kpd/pcsc/pcsc_card.h"

namespace kpd {
namespace {

using namespace std::chrono_literals;

constexpr auto kApduDeadline = 60s;
/// A conveyor may still hold chips from another batch: so many in a row are passed over.
constexpr int kMostFinishedChips = 1000;

/// What all stations of one run share.
struct Floor {
  CardQueue& queue;
  std::shared_ptr<hsm::Token> token;
  const StationOptions& options;
  const std::function<void(const StationResult&)>& report;
  std::mutex mutex;
  StationTotals totals;
  std::exception_ptr failure;

  void stop(const std::string& why) {
    const std::lock_guard lock(mutex);
    if (totals.stopped_because.empty()) totals.stopped_because = why;
    queue.stop();
  }

  void fail(std::exception_ptr error) {
    const std::lock_guard lock(mutex);
    if (!failure) failure = std::move(error);
    queue.stop();
  }

  void untouched() {
    const std::lock_guard lock(mutex);
    ++totals.untouched;
  }

  void done(const StationResult& result) {
    const std::lock_guard lock(mutex);
    (result.result.outcome == cps::LoadOutcome::done ? totals.loaded : totals.failed) += 1;
    report(result);
  }
};

/// One reader and what it does.
class Station {
 public:
  Station(Floor& floor, std::string reader)
      : floor_(floor),
        windows_(floor.options.windows),
        keys_(floor.token, floor.queue.header(), windows_),
        card_(std::move(reader)) {}

  void run() {
    if (!card_.wait_for_card(std::chrono::seconds(floor_.options.card_seconds)))
      return floor_.stop("no card in reader " + card_.reader());
    while (auto job = floor_.queue.next()) {
      if (!next_card()) {
        floor_.untouched();
        return floor_.stop("no further card in reader " + card_.reader());
      }
      work(*job);
    }
  }

  const HostWindows& windows() const { return windows_; }

 private:
  /// A fresh chip is in the reader: by the conveyor, or by the operator who takes the old one out.
  bool next_card() {
    if (first_) {
      first_ = false;
      return true;
    }
    if (floor_.options.conveyor) return card_.reset(cps::Reset::cold);
    const auto patience = std::chrono::seconds(floor_.options.card_seconds);
    return card_.wait_for_removal(patience) && card_.wait_for_card(patience);
  }

  void work(const CardJob& job) {
    cps::LoadResult result;
    for (int passed = 0;; ++passed) {
      cps::NullLoadObserver observer;
      result = cps::drive(cps::load_record(job.record, floor_.options.load, keys_, observer), card_,
                          kApduDeadline);
      const bool finished_chip = result.outcome == cps::LoadOutcome::already_personalised &&
                                 result.applications == 0 && floor_.options.conveyor;
      if (!finished_chip || passed == kMostFinishedChips || !card_.reset(cps::Reset::cold)) break;
    }
    floor_.done({job.index, job.record_id, job.product, card_.reader(), result});
    if (result.outcome == cps::LoadOutcome::wrong_keys)
      floor_.stop(
          "a chip does not have the keys of this batch: stopped before a second one is put "
          "at risk; check KMC and the chips' delivery");
    if (result.outcome == cps::LoadOutcome::reader_broken)
      floor_.stop("reader " + card_.reader() + " is gone: " + result.detail);
  }

  Floor& floor_;
  HostWindows windows_;
  PersonaliserKeys keys_;
  PcscCard card_;
  bool first_ = true;
};

}  // namespace

StationTotals load_cards(CardQueue& queue, std::shared_ptr<hsm::Token> token,
                         const StationOptions& options,
                         const std::function<void(const StationResult&)>& report) {
  Floor floor{queue, std::move(token), options, report, {}, {}, nullptr};
  std::vector<std::unique_ptr<Station>> stations;
  for (const std::string& reader : options.readers)
    stations.push_back(std::make_unique<Station>(floor, reader));
  std::vector<std::thread> threads;
  for (const auto& station : stations)
    threads.emplace_back([&floor, &station] {
      try {
        station->run();
      } catch (...) {
        floor.fail(std::current_exception());
      }
    });
  for (std::thread& thread : threads) thread.join();
  if (floor.failure) std::rethrow_exception(floor.failure);
  HostWindows all(options.windows);
  for (const auto& station : stations) all.add(station->windows());
  floor.totals.windows = all.report();
  return floor.totals;
}

}  // namespace kpd
