#include "kpd/station/load_station.h"

#include <chrono>
#include <thread>

#include "kpd/exit_code.h"
#include "kpd/keys/personaliser_keys.h"
#include "kpd/script/script_driver.h"
#include "kpd/station/card_file_check.h"
#include "kpd/station/script_text.h"

namespace kpd {
namespace {

using namespace std::chrono_literals;

constexpr auto kApduDeadline = 60s;
constexpr auto kGlance = 1s;
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

  void without_card(const std::string& reader) {
    const std::lock_guard lock(mutex);
    totals.idle_readers.push_back(reader);
  }

  /// What a script says of a card, without what identifies its holder.
  void say(const CardJob& job, const std::string& text) {
    const std::string masked = masked_script_text(job.record, text);
    const std::lock_guard lock(mutex);
    if (options.script_log) options.script_log("record " + job.record_id + ": " + masked);
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
  Station(Floor& floor, std::unique_ptr<cps::Slot> slot)
      : floor_(floor),
        windows_(floor.options.windows),
        keys_(floor.token, floor.queue.header(), windows_, floor.options.key_roles),
        slot_(std::move(slot)) {}

  /// A card is taken from the queue only when a chip waits for it, so none is lost when there is
  /// none; a reader that stays empty ends its own station alone.
  void run() {
    while (!floor_.queue.empty()) {
      if (!next_chip()) return floor_.without_card(slot_->name());
      auto job = floor_.queue.next();
      if (!job) return;
      work(*job);
    }
  }

  const HostWindows& windows() const { return windows_; }

 private:
  /// A fresh chip is in the reader: by the conveyor, or by the operator who takes the old one out.
  bool next_chip() {
    const auto patience = std::chrono::seconds(floor_.options.card_seconds);
    if (first_) {
      first_ = false;
      return first_chip(std::chrono::steady_clock::now() + patience);
    }
    if (floor_.options.conveyor) return slot_->reset(cps::Reset::cold);
    return slot_->wait_for_removal(patience) && slot_->wait_for_card(patience);
  }

  /// Waits for it no longer than the others leave something to do.
  bool first_chip(std::chrono::steady_clock::time_point end) {
    do {
      if (slot_->wait_for_card(kGlance)) return true;
    } while (!floor_.queue.empty() && std::chrono::steady_clock::now() < end);
    return false;
  }

  /// Loads one card. Whatever breaks in the middle is reported for this card, as in doubt, before
  /// it stops the stations.
  void work(const CardJob& job) {
    cps::LoadResult result;
    try {
      result = load(job);
    } catch (const std::exception& error) {
      result.outcome = cps::LoadOutcome::card_lost;
      result.detail = std::string("in doubt, since the host failed: ") + error.what();
      floor_.done({job.index, job.record_id, job.product, slot_->name(), result});
      throw;
    }
    floor_.done({job.index, job.record_id, job.product, slot_->name(), result});
    if (result.outcome == cps::LoadOutcome::wrong_keys)
      floor_.stop(
          "a chip does not have the keys of this batch: stopped before a second one is put "
          "at risk; check KMC and the chips' delivery");
    if (result.outcome == cps::LoadOutcome::script_failed)
      floor_.stop("a script is at fault, and would be with the next card: " + result.detail);
    if (result.outcome == cps::LoadOutcome::reader_broken)
      floor_.stop("reader " + slot_->name() + " is gone: " + result.detail);
  }

  cps::LoadResult load(const CardJob& job) {
    for (int passed = 0;; ++passed) {
      cps::LoadResult result = load_once(job);
      const bool finished_chip = result.outcome == cps::LoadOutcome::already_personalised &&
                                 result.applications == 0 && floor_.options.conveyor;
      if (!finished_chip || passed == kMostFinishedChips || !slot_->reset(cps::Reset::cold))
        return result;
    }
  }

  cps::LoadResult load_once(const CardJob& job) {
    cps::NullLoadObserver observer;
    const cps::LoadOptions& options = floor_.options.load;
    ScriptMachine* machine = script_for(job.product);
    if (machine == nullptr)
      return cps::drive(cps::load_record(job.record, options, keys_, observer), *slot_,
                        kApduDeadline);
    const ScriptCard card{job.record,
                          job.modules,
                          job.record_id,
                          job.product,
                          slot_->atr(),
                          floor_.options.parameters,
                          [&](const std::string& text) { floor_.say(job, text); }};
    cps::LoadResult result =
        cps::drive(run_script(*machine, card, options, keys_, observer), *slot_, kApduDeadline);
    result.command = masked_script_text(job.record, result.command);
    result.detail = masked_script_text(job.record, result.detail);
    return result;
  }

  /// The product's script, in this station's own machine; nothing when it has none.
  ScriptMachine* script_for(const std::string& product) {
    const auto& scripts = floor_.options.scripts;
    auto script = scripts.find(product);
    if (script == scripts.end()) script = scripts.find("");
    if (script == scripts.end()) return nullptr;
    auto& machine = machines_[script->first];
    if (!machine) machine = std::make_unique<ScriptMachine>(script->second);
    return machine.get();
  }

  Floor& floor_;
  HostWindows windows_;
  PersonaliserKeys keys_;
  std::map<std::string, std::unique_ptr<ScriptMachine>> machines_;  ///< by scripts' products
  std::unique_ptr<cps::Slot> slot_;
  bool first_ = true;
};

void run_stations(Floor& floor, const std::vector<std::unique_ptr<Station>>& stations) {
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
}

/// The totals of a run that a failure ended belong to its message.
[[noreturn]] void rethrow_with_totals(const Floor& floor) {
  const std::string counts = " (" + std::to_string(floor.totals.loaded) + " cards were loaded, " +
                             std::to_string(floor.totals.failed) + " failed or are in doubt)";
  try {
    std::rethrow_exception(floor.failure);
  } catch (const Failure& failure) {
    throw Failure(failure.code(), failure.what() + counts);
  } catch (const hsm::Error& error) {
    throw Failure(ExitCode::away, error.what() + counts);
  } catch (const std::exception& error) {
    throw Failure(ExitCode::hold, error.what() + counts);
  }
}

}  // namespace

StationTotals load_cards(const std::string& file, CardSelection selection,
                         std::shared_ptr<hsm::Token> token, const StationOptions& options,
                         const std::function<void(const StationResult&)>& report) {
  CardQueue queue(file, selection);
  HostWindows windows(options.windows);
  {
    PersonaliserKeys keys(token, queue.header(), windows, options.key_roles);
    check_card_file(file, keys, options.load.require_mac);
  }
  StationOptions checked = options;
  checked.load.layout = queue.header().layout;
  Floor floor{queue, std::move(token), checked, report, {}, {}, nullptr};
  std::vector<std::unique_ptr<Station>> stations;
  for (const SlotPlace& place : options.slots)
    stations.push_back(std::make_unique<Station>(floor, place.open()));
  run_stations(floor, stations);
  if (floor.failure) rethrow_with_totals(floor);
  for (const auto& station : stations) windows.add(station->windows());
  floor.totals.windows = windows.report();
  floor.totals.untouched = queue.count_rest();
  if (floor.totals.untouched > 0 && floor.totals.stopped_because.empty())
    floor.totals.stopped_because = "no more cards in any reader";
  return floor.totals;
}

}  // namespace kpd
