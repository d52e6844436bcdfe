/// The cards in a machine's modules, and the books of what happens to them. When a card moves is
/// for others to say (flow.cc).
#pragma once

#include <deque>
#include <vector>

#include "kpd/machine/flow.h"

namespace kpd {

/// A card in a module. Cards leave in the order in which they came.
struct HeldCard {
  MachineCard card;
  Milliseconds done{0};     ///< when the module has done with it
  std::uint64_t steps = 0;  ///< of the conveyor since it came
};

class Line {
 public:
  Line(const MachineModel& machine, const Batch& batch);

  std::size_t size() const { return held_.size(); }
  bool hopper_empty() const { return feed_.empty(); }
  bool empty() const { return inside_ == 0; }
  std::deque<HeldCard>& cards(std::size_t module) { return held_[module]; }
  /// Room for one more card. Behind the last module are trays, which have room always.
  bool has_room(std::size_t module) const;

  /// Takes the next card out of the hopper into the first module.
  void take_in(Milliseconds now);
  /// Moves the first card of a module into the next one, or into its tray. Calls must come in the
  /// order of time.
  void pass_on(std::size_t module, Milliseconds now);

  /// Closes the books once all cards are through.
  Flow finish();

 private:
  void enter(std::size_t module, const MachineCard& card, Milliseconds now);

  const MachineModel& machine_;
  const Batch& batch_;
  CardFeed feed_;
  std::vector<std::deque<HeldCard>> held_;
  std::vector<Milliseconds> out_;  ///< when each card came to its tray
  Milliseconds last_in_{0}, host_free_{0};
  std::uint64_t inside_ = 0;
  Flow flow_;
};

}  // namespace kpd
