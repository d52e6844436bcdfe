/// What all stations of one run share.
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "cps/load_result.h"
#include "hsm/token.h"
#include "kpd/station/card_books.h"
#include "kpd/station/card_queue.h"
#include "kpd/station/doubt_desk.h"
#include "kpd/station/station_board.h"
#include "kpd/station/station_options.h"

namespace kpd {

/// One card's end at a station.
struct StationResult {
  std::uint64_t index = 0;
  std::string record_id, product, reader;
  cps::LoadResult result;
  CardState state = CardState::untouched;  ///< as the books have it now
};

/// Counts over all stations.
struct StationTotals {
  std::uint64_t loaded = 0, failed = 0;
  std::uint64_t doubt = 0;                ///< of the failed ones: nobody saw the end
  std::uint64_t before = 0;               ///< wanted, but made or touched in an earlier run
  std::uint64_t untouched = 0;            ///< wanted, but no chip was there for them
  std::vector<std::string> idle_readers;  ///< where no (further) card came in time
  std::vector<std::string> gone_readers;  ///< that went away and did not come back
  std::vector<std::string> windows;
  std::string stopped_because;  ///< empty: every card was tried
};

/// What a run works with.
struct FloorParts {
  CardQueue& queue;
  CardBooks& books;
  DoubtDesk& doubts;
  const std::shared_ptr<hsm::Token> token;
  const StationOptions& options;
  StationBoard& board;
  const std::function<void(const StationResult&)>& report;
};

/// Thread-safe.
class Floor : public FloorParts {
 public:
  explicit Floor(FloorParts parts) : FloorParts(std::move(parts)) {}

  /// No station begins another card. The first reason stays.
  void stop(const std::string& why);
  /// The same, since something broke.
  void fail(std::exception_ptr error);

  void without_card(const cps::Slot& slot);
  void gone(const std::string& reader);

  /// What a script says of a card, without what identifies its holder.
  void say(const CardJob& job, const std::string& text);

  /// A chip that did not take its card, which meets another one: a failure like any in a row.
  void chip_failed(const cps::LoadResult& result);

  /// A card's end.
  void done(const StationResult& result);

  /// A card that this run reported in doubt was found: its report does not count.
  void take_back_doubt();

  /// Stops the stations when the caller wants it.
  bool stop_wanted();

  /// Once the stations are at rest.
  StationTotals& totals() { return totals_; }
  std::exception_ptr failure() const { return failure_; }

 private:
  void count(const StationResult& result);
  void count_in_a_row(const cps::LoadResult& result);

  std::mutex mutex_;
  StationTotals totals_;
  unsigned failures_in_a_row_ = 0;
  std::exception_ptr failure_;
};

}  // namespace kpd
