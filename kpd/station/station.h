/// One station: a slot, its keys, and what it does with the chips that come.
#pragma once

#include <map>
#include <memory>

#include "cps/slot.h"
#include "kpd/keys/personaliser_keys.h"
#include "kpd/script/script_machine.h"
#include "kpd/station/floor.h"

namespace kpd {

/// A card's state after a visit that ended so. begun: what the chip holds may have changed.
CardState state_after(const cps::LoadResult& result, bool begun);

class Station {
 public:
  /// A reader that is not there is looked for in run(). Throws as PersonaliserKeys.
  Station(Floor& floor, const SlotPlace& place);

  /// Works until no card is left, no chip comes, or its reader stays away. A card is taken from the
  /// queue only when a chip waits for it, so none is lost when there is none.
  void run();

  const HostWindows& windows() const { return windows_; }

 private:
  class Observer;
  enum class Chip { fresh, settled, none };

  bool open_slot();
  void lose_slot(const std::string& why);
  bool next_chip();
  bool first_chip();
  bool has_work();
  bool wait_for_fresh_chip();
  /// The card to make with the present chip, or what came of asking it.
  Chip choose(std::optional<CardJob>& job);
  void settle_whole(DoubtFound found);
  void work(CardJob job);
  cps::LoadResult load(CardJob& job, Observer& observer);
  cps::LoadResult load_once(const CardJob& job, Observer& observer);
  enum class Again { never, perhaps };
  void finish(CardJob job, cps::LoadResult result, bool begun, Again again = Again::perhaps);
  void judge(const cps::LoadResult& result);
  CardEntry entry_of(const CardJob& job, CardState state, const cps::LoadResult& result) const;
  bool may_meet_another_chip(const CardJob& job, const cps::LoadResult& result,
                             CardState state) const;
  ScriptMachine* script_for(const std::string& product);

  Floor& floor_;
  SlotPlace place_;
  std::size_t line_;  ///< on the board
  HostWindows windows_;
  PersonaliserKeys keys_;
  std::map<std::string, std::unique_ptr<ScriptMachine>> machines_;  ///< by scripts' products
  std::unique_ptr<cps::Slot> slot_;                                 ///< null: it went away
  std::optional<std::chrono::steady_clock::time_point> gone_since_;
  std::string gone_why_;
  StationTimes times_;
  bool first_ = true;  ///< the chip that is in the reader now was not begun by this station
};

}  // namespace kpd
