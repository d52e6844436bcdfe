#include "kpd/station/station.h"

#include <chrono>
#include <thread>

#include "kpd/script/script_driver.h"
#include "kpd/station/measured.h"
#include "kpd/station/script_text.h"

namespace kpd {
namespace {

using namespace std::chrono_literals;
using cps::LoadOutcome;
using Clock = std::chrono::steady_clock;

constexpr auto kApduDeadline = 60s;
constexpr auto kGlance = 1s;
constexpr auto kReopenPause = 200ms;
/// A conveyor may still hold chips from another batch: so many in a row are passed over.
constexpr int kMostFinishedChips = 1000;

bool is_lost(LoadOutcome outcome) {
  return outcome == LoadOutcome::card_lost || outcome == LoadOutcome::reader_broken;
}

/// The same with any chip: the record, the keys or the script are at fault.
bool is_of_every_chip(LoadOutcome outcome) {
  return outcome == LoadOutcome::mac_missing || outcome == LoadOutcome::mac_wrong ||
         outcome == LoadOutcome::bad_record || outcome == LoadOutcome::wrong_keys ||
         outcome == LoadOutcome::script_failed;
}

}  // namespace

CardState state_after(const cps::LoadResult& result, bool begun) {
  if (result.outcome == LoadOutcome::done) return CardState::done;
  if (!begun) return CardState::untouched;
  return is_lost(result.outcome) ? CardState::doubt : CardState::failed;
}

/// Brings every step to the board, and the card's beginning to the books.
class Station::Observer final : public cps::LoadObserver {
 public:
  Observer(Station& station, CardJob& job) : station_(station), job_(job) {}

  void before_first_apdu(const cps::Record&) override {}

  void before_irreversible(const cps::LoadEvent& event) override {
    show(event);
    if (!event.stores || begun_) return;
    ++job_.chips;
    cps::LoadResult so_far;
    so_far.chip.assign(event.chip.begin(), event.chip.end());
    CardEntry entry = station_.entry_of(job_, CardState::begun, so_far);
    entry.reason.clear();
    station_.floor_.books.write(std::move(entry));
    begun_ = true;
  }

  void progress(const cps::LoadEvent& event) override { show(event); }

  bool begun() const { return begun_; }

 private:
  /// Steps of a script have the names that it gives them.
  void show(cps::LoadEvent event) {
    if (station_.script_for(job_.product) != nullptr)
      event.command = masked_script_text(job_.record, event.command);
    station_.floor_.board.show_step(station_.line_, event);
  }

  Station& station_;
  CardJob& job_;
  bool begun_ = false;
};

Station::Station(Floor& floor, const SlotPlace& place)
    : floor_(floor),
      place_(place),
      line_(floor.board.add(place.name)),
      windows_(floor.options.windows),
      keys_(floor.token, floor.queue.header(), windows_, floor.options.key_roles) {
  try {
    slot_ = place.open();
  } catch (const cps::SlotGone& gone) {
    lose_slot(gone.what());
  }
}

void Station::run() {
  while (has_work() && !floor_.stop_wanted()) {
    floor_.board.set_phase(line_, StationPhase::waiting);
    if (!open_slot()) {
      floor_.gone(place_.name + ": " + gone_why_);
      break;
    }
    try {
      if (!next_chip()) {
        floor_.without_card(*slot_);
        break;
      }
      gone_since_.reset();
    } catch (const cps::SlotGone& gone) {
      lose_slot(gone.what());
      continue;
    }
    std::optional<CardJob> job;
    const Chip chip = choose(job);
    if (chip == Chip::none) break;
    if (chip == Chip::fresh) work(*std::move(job));
  }
  floor_.board.set_phase(line_, StationPhase::ended);
}

/// A reader that went away is tried again for as long as a card would be waited for.
bool Station::open_slot() {
  if (slot_) return true;
  floor_.board.set_phase(line_, StationPhase::gone);
  const auto end = *gone_since_ + std::chrono::seconds(floor_.options.card_seconds);
  while (has_work() && Clock::now() < end && !floor_.stop_wanted()) {
    std::this_thread::sleep_for(kReopenPause);
    try {
      slot_ = place_.open();
      return true;
    } catch (const cps::SlotGone& gone) {
      gone_why_ = gone.what();
    }
  }
  return false;
}

void Station::lose_slot(const std::string& why) {
  slot_.reset();
  first_ = true;
  gone_why_ = why;
  if (!gone_since_) gone_since_ = Clock::now();
}

/// A fresh chip is in the reader: by the conveyor, or by the operator who takes the old one out.
bool Station::next_chip() {
  const Measured time(times_.waiting);
  if (first_) return first_chip();
  if (floor_.options.conveyor) return slot_->reset(cps::Reset::cold);
  return wait_for_fresh_chip();
}

/// Waits for it no longer than the others leave something to do. Once only cards in doubt are left,
/// an operator may still bring their chips; a conveyor has what it has.
bool Station::first_chip() {
  const auto end = Clock::now() + std::chrono::seconds(floor_.options.card_seconds);
  first_ = true;
  while (has_work() && !floor_.stop_wanted()) {
    const bool last_look = floor_.options.conveyor && floor_.queue.empty();
    if (slot_->wait_for_card(kGlance)) {
      first_ = false;
      return true;
    }
    if (last_look || Clock::now() >= end) return false;
  }
  return false;
}

/// There are cards to make; or cards in doubt, and the chip that comes next is not known yet.
bool Station::has_work() {
  return !floor_.queue.empty() || (first_ && !floor_.doubts.empty());
}

bool Station::wait_for_fresh_chip() {
  const auto end = Clock::now() + std::chrono::seconds(floor_.options.card_seconds);
  bool out = false, in = false;
  while (!out && Clock::now() < end && !floor_.stop_wanted())
    out = slot_->wait_for_removal(kGlance);
  while (out && !in && Clock::now() < end && !floor_.stop_wanted())
    in = slot_->wait_for_card(kGlance);
  return in;
}

Station::Chip Station::choose(std::optional<CardJob>& job) {
  if (!floor_.doubts.empty()) {
    if (auto found = floor_.doubts.ask(*slot_, kApduDeadline)) {
      if (found->reported) floor_.take_back_doubt();
      if (found->held == Held::all) {
        settle_whole(*std::move(found));
        return Chip::settled;
      }
      job = std::move(found->job);
      return Chip::fresh;
    }
  }
  job = floor_.queue.next();
  return job ? Chip::fresh : Chip::none;
}

/// The chip of a card in doubt holds all of it.
void Station::settle_whole(DoubtFound found) {
  cps::LoadResult result;
  result.chip = std::move(found.chip);
  result.detail = "the card was in doubt; asked, the chip holds all of it";
  floor_.books.write(entry_of(found.job, CardState::done, result));
  floor_.done({found.job.index, found.job.record_id, found.job.product, place_.name, result,
               CardState::done});
}

/// Loads one card. Whatever breaks in the middle is reported for this card before it stops the
/// stations.
void Station::work(CardJob job) {
  ++job.visits;
  floor_.board.begin_card(line_, job.record_id, job.product);
  Observer observer(*this, job);
  cps::LoadResult result;
  try {
    result = load(job, observer);
  } catch (const std::exception& error) {
    result.outcome = LoadOutcome::card_lost;
    result.detail = std::string("the host failed: ") + error.what();
    finish(std::move(job), std::move(result), observer.begun(), Again::never);
    throw;
  }
  finish(std::move(job), std::move(result), observer.begun());
}

void Station::finish(CardJob job, cps::LoadResult result, bool begun, Again again) {
  CardState state = state_after(result, begun);
  if (job.bound && state == CardState::untouched) state = CardState::doubt;  // as it was
  const bool good = state == CardState::done;
  if (begun || good) floor_.books.write_soon(entry_of(job, state, result));
  floor_.board.end_card(line_, good, times_);
  const StationResult end{job.index, job.record_id, job.product, place_.name, result, state};
  judge(result);
  if (state == CardState::doubt) floor_.doubts.add(job, result.chip);
  if (again == Again::perhaps && may_meet_another_chip(job, result, state)) {
    floor_.chip_failed(result);
    floor_.queue.put_back(std::move(job));
    return;
  }
  floor_.done(end);
}

bool Station::may_meet_another_chip(const CardJob& job, const cps::LoadResult& result,
                                    CardState state) const {
  const bool open = state == CardState::untouched || state == CardState::failed;
  return open && !job.bound && !is_of_every_chip(result.outcome) &&
         job.visits < floor_.options.retry.chips;
}

/// What stops every station, and what makes this one look for its reader.
void Station::judge(const cps::LoadResult& result) {
  if (result.outcome == LoadOutcome::wrong_keys)
    floor_.stop(
        "a chip does not have the keys of this batch: stopped before a second one is put "
        "at risk; check KMC and the chips' delivery");
  if (result.outcome == LoadOutcome::script_failed)
    floor_.stop("a script is at fault, and would be with the next card: " + result.detail);
  if (result.outcome == LoadOutcome::reader_broken) lose_slot(result.detail);
  if (result.outcome == LoadOutcome::card_lost) first_ = true;
}

CardEntry Station::entry_of(const CardJob& job, CardState state,
                            const cps::LoadResult& result) const {
  return {job.index,   job.record_id,         state, job.chips, emvcrypto::to_hex(result.chip),
          place_.name, cps::describe(result), {}};
}

cps::LoadResult Station::load(CardJob& job, Observer& observer) {
  for (int passed = 0;; ++passed) {
    cps::LoadResult result = load_once(job, observer);
    const bool finished_chip = result.outcome == LoadOutcome::already_personalised &&
                               result.applications == 0 && floor_.options.conveyor && !job.bound;
    if (!finished_chip || passed == kMostFinishedChips || !slot_->reset(cps::Reset::cold))
      return result;
  }
}

cps::LoadResult Station::load_once(const CardJob& job, Observer& observer) {
  Nanoseconds chip{0}, device{0}, all{0};
  MeasuredCard card(*slot_, chip);
  MeasuredKeys keys(keys_, device);
  cps::LoadOptions options = floor_.options.load;
  options.held = job.held;
  ScriptMachine* machine = script_for(job.product);
  cps::LoadResult result;
  {
    const Measured time(all);
    if (machine == nullptr) {
      result =
          cps::drive(cps::load_record(job.record, options, keys, observer), card, kApduDeadline);
    } else {
      const ScriptCard view{job.record,
                            job.modules,
                            job.record_id,
                            job.product,
                            card.atr(),
                            floor_.options.parameters,
                            [&](const std::string& text) { floor_.say(job, text); },
                            [&](std::uint64_t done, std::uint64_t total) {
                              floor_.board.show_progress(line_, done, total);
                            }};
      result = cps::drive(run_script(*machine, view, options, keys, observer), card, kApduDeadline);
      result.command = masked_script_text(job.record, result.command);
      result.detail = masked_script_text(job.record, result.detail);
    }
  }
  times_.chip += chip;
  times_.device += device;
  times_.host += all - chip - device;
  return result;
}

/// The product's script, in this station's own machine; nothing when it has none.
ScriptMachine* Station::script_for(const std::string& product) {
  const auto& scripts = floor_.options.scripts;
  auto script = scripts.find(product);
  if (script == scripts.end()) script = scripts.find("");
  if (script == scripts.end()) return nullptr;
  auto& machine = machines_[script->first];
  if (!machine) machine = std::make_unique<ScriptMachine>(script->second);
  return machine.get();
}

}  // namespace kpd
