/// The cards in doubt of a card file, and the chips that may turn up again.
#pragma once

#include <list>
#include <mutex>
#include <optional>
#include <set>

#include "kpd/station/card_books.h"
#include "kpd/station/card_queue.h"
#include "kpd/station/held_card.h"

namespace kpd {

/// A card in doubt that was found again.
struct DoubtFound {
  CardJob job;
  Held held = Held::unknown;  ///< by this chip; never unknown
  bool reported = false;      ///< it came into doubt in this run
  Bytes chip;                 ///< its KEYDATA as the books have it
};

/// Thread-safe. Memory holds at most kMost cards; others stay in doubt until their file is loaded
/// again.
class DoubtDesk {
 public:
  static constexpr std::size_t kMost = 256;

  /// Takes those that the books have in doubt and that are not `remade`.
  DoubtDesk(const std::string& file, CardBooks& books,
            const std::function<bool(const CardEntry&)>& remade);

  /// One more, since its chip was lost. `chip`: its KEYDATA; nothing is kept of a card whose chip
  /// never told it.
  void add(CardJob job, const Bytes& chip);

  bool empty() const;

  /// The cards that were here at the start and were found.
  const std::set<std::uint64_t>& turned_up() const { return turned_up_; }

  /// Asks the chip in the reader whether it holds one of them; such a one leaves the desk. The chip
  /// is reset after it was asked.
  std::optional<DoubtFound> ask(cps::Card& card, std::chrono::milliseconds deadline);

 private:
  struct Doubt {
    CardJob job;
    Bytes chip;
  };
  static bool fits(const Doubt& doubt, const HeldAnswer& answer);

  mutable std::mutex mutex_;
  std::list<Doubt> doubts_;
  std::set<std::uint64_t> at_start_, turned_up_;
};

}  // namespace kpd
