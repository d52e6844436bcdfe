#include "kpd/machine/line.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>

namespace kpd {
namespace {

/// Cards an hour while the hopper still gave cards, without the time in which the line filled up.
/// The window is a multiple of `period`, since stations give their cards out in bursts.
std::optional<double> steady_rate(const std::vector<Milliseconds>& out, Milliseconds last_in,
                                  std::size_t period) {
  const auto end = std::upper_bound(out.begin(), out.end(), last_in);
  const auto full = static_cast<std::size_t>(end - out.begin());
  if (full < 2) return std::nullopt;
  const std::size_t last = full - 1, filling = full / 4;
  std::size_t window = last - filling;
  if (window >= period) window -= window % period;
  const Milliseconds time = out[last] - out[last - window];
  if (window == 0 || time.count() == 0) return std::nullopt;
  return an_hour(window, time);
}

}  // namespace

Line::Line(const MachineModel& machine, const Batch& batch)
    : machine_(machine), batch_(batch), feed_(machine, batch), held_(machine.modules.size()) {
  for (const MachineModule& module : machine.modules) {
    ModuleUse use;
    use.busy.resize(module.stations, Milliseconds(0));
    flow_.modules.push_back(std::move(use));
  }
}

bool Line::has_room(std::size_t module) const {
  return module == held_.size() || held_[module].size() < machine_.modules[module].stations;
}

void Line::take_in(Milliseconds now) {
  last_in_ = now;
  ++inside_;
  ++flow_.fed;
  enter(0, feed_.next(), now);
}

void Line::enter(std::size_t place, const MachineCard& card, Milliseconds now) {
  const MachineModule& module = machine_.modules[place];
  const CardType& type = batch_.types[card.type];
  const bool failed = card.fails_in < place;
  ModuleUse& use = flow_.modules[place];
  // Stations get their cards in turns, since cards leave in their order.
  const std::size_t station = (use.worked + use.untouched) % module.stations;
  const bool touched = touches(module, type, failed);
  const Milliseconds host = touched ? host_part(module, batch_.host) : Milliseconds(0);
  const Milliseconds work = touched ? work_on(module, type) + host : Milliseconds(0);
  const Milliseconds there = now + machine_.transport;
  Milliseconds start = there;
  if (host.count() != 0) {
    start = std::max(there, host_free_);
    host_free_ = start + host;
    flow_.host_busy += host;
  }
  ++(touched ? use.worked : use.untouched);
  if (card.fails_in == place) ++use.failed;
  use.busy[station] += work;
  use.moving += machine_.transport;
  use.host_wait += start - there;
  held_[place].push_back({card, start + work, 0});
}

void Line::pass_on(std::size_t module, Milliseconds now) {
  const HeldCard held = held_[module].front();
  held_[module].pop_front();
  flow_.modules[module].blocked += now - held.done;
  if (module + 1 < held_.size()) return enter(module + 1, held.card, now);
  ++(held.card.fails_in < held_.size() ? flow_.rejected : flow_.good);
  --inside_;
  out_.push_back(now);
}

Flow Line::finish() {
  std::uint64_t failed = 0;
  bool balanced = flow_.fed == batch_.cards && flow_.fed == flow_.good + flow_.rejected;
  std::size_t period = 1;
  for (const ModuleUse& use : flow_.modules) {
    failed += use.failed;
    balanced = balanced && use.worked + use.untouched == flow_.fed;
    period = std::lcm(period, use.busy.size());
  }
  if (!balanced || failed != flow_.rejected || out_.size() != flow_.fed)
    throw std::logic_error("the books of a machine's simulation do not balance");
  flow_.span = out_.empty() ? Milliseconds(0) : out_.back();
  flow_.steady = steady_rate(out_, last_in_, period);
  return std::move(flow_);
}

}  // namespace kpd
