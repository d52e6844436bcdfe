#include "kpd/machine/flow.h"

#include <algorithm>

#include "kpd/machine/line.h"

namespace kpd {
namespace {

bool front_done(Line& line, std::size_t module, Milliseconds now) {
  return !line.cards(module).empty() && line.cards(module).front().done <= now;
}

/// Everything that can move now, the cards in front first, so that room passes back. True when
/// something did.
bool settle(Line& line, bool single, Milliseconds now) {
  bool moved = false;
  for (std::size_t module = line.size(); module-- > 0;)
    while (front_done(line, module, now) && line.has_room(module + 1)) {
      line.pass_on(module, now);
      moved = true;
    }
  while (!line.hopper_empty() && line.has_room(0) && (!single || line.empty())) {
    line.take_in(now);
    moved = true;
  }
  return moved;
}

/// Modules that pass on what is done; `single`: the next card comes when the last one is out.
void run_free(Line& line, bool single) {
  Milliseconds now{0};
  for (;;) {
    while (settle(line, single, now)) {
    }
    auto next = Milliseconds::max();
    for (std::size_t module = 0; module < line.size(); ++module)
      if (!line.cards(module).empty() && !front_done(line, module, now))
        next = std::min(next, line.cards(module).front().done);
    if (next == Milliseconds::max()) return;  // what is done could move, so the line is empty
    now = next;
  }
}

/// A conveyor: a card spends a step in a module, in one of N stations N of them. A step waits for
/// every card whose last one it is; the others work on while the conveyor moves.
void run_conveyor(Line& line, const MachineModel& machine) {
  const auto leaves = [&](std::size_t module) {
    return !line.cards(module).empty() &&
           line.cards(module).front().steps == machine.modules[module].stations;
  };
  Milliseconds now{0};
  while (!line.hopper_empty() || !line.empty()) {
    for (std::size_t module = 0; module < line.size(); ++module) {
      for (HeldCard& held : line.cards(module)) ++held.steps;
      if (leaves(module)) now = std::max(now, line.cards(module).front().done);
    }
    for (std::size_t module = line.size(); module-- > 0;)
      if (leaves(module)) line.pass_on(module, now);
    if (!line.hopper_empty()) line.take_in(now);
    now += machine.transport;  // no step before this one is over
  }
}

}  // namespace

Flow run_flow(const MachineModel& machine, const Batch& batch) {
  Line line(machine, batch);
  if (machine.line == LineKind::synchronous)
    run_conveyor(line, machine);
  else
    run_free(line, machine.line == LineKind::single);
  return line.finish();
}

}  // namespace kpd
