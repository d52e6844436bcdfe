/// What a machine would make of a batch: where the time goes, and what more stations would bring.
#pragma once

#include <string>
#include <vector>

#include "kpd/machine/flow.h"

namespace kpd {

/// What most of a module's time goes to.
enum class TimeSink {
  own,       ///< the module's own work
  chip,      ///< the chip's
  host,      ///< host and HSM
  transport  ///< cards on their way into the module
};
const char* name_of(TimeSink sink);

/// What decides how many cards an hour there are: the module with the most to do a station, or the
/// host that all stations share.
struct Bottleneck {
  std::string module;  ///< empty: the host
  TimeSink sink = TimeSink::own;
  double load = 0;  ///< part of the batch's time that it is at work, 0..1
};

/// The same batch with so many stations in each smart module.
struct StationRow {
  unsigned stations = 0;
  double cards_an_hour = 0, steady = 0;  ///< steady: of the whole batch where it is too small
  Bottleneck bottleneck;
};

struct WhatIf {
  Flow flow;
  Bottleneck bottleneck;
  std::vector<StationRow> stations;  ///< 1, 2 ... as many as the machine can have
};

Bottleneck bottleneck_of(const MachineModel& machine, const Batch& batch, const Flow& flow);

/// Throws as run_flow does.
WhatIf ask_what_if(const MachineModel& machine, const Batch& batch);

}  // namespace kpd
