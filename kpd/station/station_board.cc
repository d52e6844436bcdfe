#include "kpd/station/station_board.h"

namespace kpd {

std::size_t StationBoard::add(const std::string& name) {
  const std::lock_guard lock(mutex_);
  stations_.emplace_back().name = name;
  return stations_.size() - 1;
}

void StationBoard::set_phase(std::size_t station, StationPhase phase) {
  const std::lock_guard lock(mutex_);
  StationNow& now = stations_.at(station);
  now.phase = phase;
  now.since = std::chrono::steady_clock::now();
}

void StationBoard::begin_card(std::size_t station, const std::string& record,
                              const std::string& product) {
  const std::lock_guard lock(mutex_);
  StationNow& now = stations_.at(station);
  now.phase = StationPhase::working;
  now.since = std::chrono::steady_clock::now();
  now.record = record;
  now.product = product;
  now.step.clear();
  now.application = now.applications = now.block = now.blocks = 0;
}

void StationBoard::show_step(std::size_t station, const cps::LoadEvent& event) {
  const std::lock_guard lock(mutex_);
  StationNow& now = stations_.at(station);
  now.step = event.command;
  now.application = event.application;
  now.applications = event.applications;
  now.block = event.block;
  now.blocks = event.blocks;
}

void StationBoard::show_progress(std::size_t station, std::uint64_t done, std::uint64_t total) {
  const std::lock_guard lock(mutex_);
  StationNow& now = stations_.at(station);
  now.application = 0;
  now.applications = 1;
  now.block = done;
  now.blocks = total;
}

void StationBoard::end_card(std::size_t station, bool good, const StationTimes& times) {
  const std::lock_guard lock(mutex_);
  StationNow& now = stations_.at(station);
  (good ? now.done : now.failed) += 1;
  now.record.clear();
  now.times = times;
}

std::vector<StationNow> StationBoard::now() const {
  const std::lock_guard lock(mutex_);
  return stations_;
}

}  // namespace kpd
