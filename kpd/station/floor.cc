#include "kpd/station/floor.h"

#include <fmt/format.h>

#include "kpd/station/script_text.h"

namespace kpd {

bool Remake::covers(const CardEntry& entry) const {
  return all || records.contains(entry.record) || (failed && entry.state == CardState::failed) ||
         (doubt && entry.state == CardState::doubt);
}

void Floor::stop(const std::string& why) {
  const std::lock_guard lock(mutex_);
  if (totals_.stopped_because.empty()) totals_.stopped_because = why;
  queue.stop();
}

void Floor::fail(std::exception_ptr error) {
  const std::lock_guard lock(mutex_);
  if (!failure_) failure_ = std::move(error);
  queue.stop();
}

void Floor::without_card(const cps::Slot& slot) {
  const std::string& why = slot.last_error();
  const std::lock_guard lock(mutex_);
  totals_.idle_readers.push_back(why.empty() ? slot.name() : slot.name() + " (" + why + ")");
}

void Floor::gone(const std::string& reader) {
  const std::lock_guard lock(mutex_);
  totals_.gone_readers.push_back(reader);
}

void Floor::say(const CardJob& job, const std::string& text) {
  const std::string masked = masked_script_text(job.record, text);
  const std::lock_guard lock(mutex_);
  if (options.script_log) options.script_log("record " + job.record_id + ": " + masked);
}

void Floor::chip_failed(const cps::LoadResult& result) {
  const std::lock_guard lock(mutex_);
  count_in_a_row(result);
}

void Floor::done(const StationResult& result) {
  const std::lock_guard lock(mutex_);
  count(result);
  report(result);
}

void Floor::count(const StationResult& result) {
  const bool good = result.result.outcome == cps::LoadOutcome::done;
  (good ? totals_.loaded : totals_.failed) += 1;
  if (result.state == CardState::doubt) ++totals_.doubt;
  count_in_a_row(result.result);
}

void Floor::count_in_a_row(const cps::LoadResult& result) {
  const bool good = result.outcome == cps::LoadOutcome::done;
  failures_in_a_row_ = good ? 0 : failures_in_a_row_ + 1;
  const unsigned most = options.retry.failures_in_a_row;
  if (most == 0 || failures_in_a_row_ < most || !totals_.stopped_because.empty()) return;
  totals_.stopped_because = fmt::format(
      "{} cards in a row failed, or chips with them: something is wrong with all; the last: {}",
      most, cps::describe(result));
  queue.stop();
}

void Floor::take_back_doubt() {
  const std::lock_guard lock(mutex_);
  --totals_.failed;
  --totals_.doubt;
}

bool Floor::stop_wanted() {
  if (!options.stop_wanted || !options.stop_wanted()) return false;
  stop("as asked for; the cards in the readers were finished");
  return true;
}

}  // namespace kpd
