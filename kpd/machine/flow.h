/// A batch of cards on its way through a machine, simulated card by card: every module works at the
/// same time, and a card stays where it is until the next place is free.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "kpd/machine/card_feed.h"
#include "kpd/machine/machine_model.h"

namespace kpd {

/// What a module did with a batch.
struct ModuleUse {
  std::uint64_t worked = 0;        ///< cards
  std::uint64_t untouched = 0;     ///< cards that only passed: failed before, or nothing to do
  std::uint64_t failed = 0;        ///< of those worked on
  std::vector<Milliseconds> busy;  ///< at work, by station; the host's part of the work too
  Milliseconds moving{0};          ///< cards on their way into it
  Milliseconds blocked{0};         ///< cards that were done and could not go on
  Milliseconds host_wait{0};       ///< cards that waited for the host
};

/// What became of a batch.
struct Flow {
  std::uint64_t fed = 0, good = 0, rejected = 0;  ///< cards
  Milliseconds span{0};  ///< from the first card out of the hopper to the last one in its tray
  std::optional<double> steady;  ///< cards an hour while the line is full; a batch may be too small
  std::vector<ModuleUse> modules;
  Milliseconds host_busy{0};

  /// Cards an hour of the whole batch, filling and emptying the line included.
  double cards_an_hour() const { return an_hour(fed, span); }
};

/// Runs the batch through the machine. The same question has the same answer, to the millisecond.
/// Throws Failure(usage) as CardFeed does, std::logic_error when the books do not balance.
Flow run_flow(const MachineModel& machine, const Batch& batch);

}  // namespace kpd
