#include "kpd/machine/what_if.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace kpd {
namespace {

double part_of(Milliseconds time, Milliseconds whole) {
  return whole.count() == 0
             ? 0
             : static_cast<double>(time.count()) / static_cast<double>(whole.count());
}

/// What the largest part of a module's time goes to.
TimeSink sink_of(const MachineModule& module, const Batch& batch, const ModuleUse& use,
                 Milliseconds busy) {
  const auto cards = static_cast<std::int64_t>(use.worked);
  const Milliseconds host = host_part(module, batch.host) * cards;
  const Milliseconds own = module.kind == ModuleKind::smart ? module.work * cards : busy;
  const std::array<Milliseconds, 4> parts{own, busy - own - host, host, use.moving};
  return static_cast<TimeSink>(std::ranges::max_element(parts) - parts.begin());
}

}  // namespace

const char* name_of(TimeSink sink) {
  constexpr std::array kNames{"own work", "chip", "host", "transport"};
  return kNames.at(static_cast<std::size_t>(sink));
}

Bottleneck bottleneck_of(const MachineModel& machine, const Batch& batch, const Flow& flow) {
  Bottleneck most{"", TimeSink::host, part_of(flow.host_busy, flow.span)};  // a tie is the host's
  for (std::size_t i = 0; i < machine.modules.size(); ++i) {
    const MachineModule& module = machine.modules[i];
    const ModuleUse& use = flow.modules[i];
    const auto busy = std::accumulate(use.busy.begin(), use.busy.end(), Milliseconds(0));
    const double load = part_of(busy + use.moving, flow.span) / module.stations;
    if (load > most.load) most = {module.name, sink_of(module, batch, use, busy), load};
  }
  return most;
}

WhatIf ask_what_if(const MachineModel& machine, const Batch& batch) {
  WhatIf answer;
  answer.flow = run_flow(machine, batch);
  answer.bottleneck = bottleneck_of(machine, batch, answer.flow);
  for (unsigned stations = 1; stations <= machine.most_stations(); ++stations) {
    const MachineModel other = machine.with_stations(stations);
    const Flow flow = run_flow(other, batch);
    answer.stations.push_back({stations, flow.cards_an_hour(),
                               flow.steady.value_or(flow.cards_an_hour()),
                               bottleneck_of(other, batch, flow)});
  }
  return answer;
}

}  // namespace kpd
