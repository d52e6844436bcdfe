#include "kpd/station/load_station.h"

#include <algorithm>
#include <set>
#include <thread>

#include "kpd/exit_code.h"
#include "kpd/keys/personaliser_keys.h"
#include "kpd/station/card_file_check.h"
#include "kpd/station/station.h"

namespace kpd {
namespace {

void run_stations(Floor& floor, const std::vector<std::unique_ptr<Station>>& stations) {
  std::vector<std::thread> threads;
  for (const auto& station : stations)
    threads.emplace_back([&floor, &station] {
      try {
        station->run();
      } catch (...) {
        floor.fail(std::current_exception());
      }
    });
  for (std::thread& thread : threads) thread.join();
}

/// The totals of a run that a failure ended belong to its message.
[[noreturn]] void rethrow_with_totals(Floor& floor) {
  const StationTotals& totals = floor.totals();
  const std::string counts = " (" + std::to_string(totals.loaded) + " cards were loaded, " +
                             std::to_string(totals.failed) + " failed or are in doubt)";
  try {
    std::rethrow_exception(floor.failure());
  } catch (const Failure& failure) {
    throw Failure(failure.code(), failure.what() + counts);
  } catch (const hsm::Error& error) {
    throw Failure(ExitCode::away, error.what() + counts);
  } catch (const std::exception& error) {
    throw Failure(ExitCode::hold, error.what() + counts);
  }
}

/// What was made or touched before is passed over and counted, unless it is to be made again.
class Sieve {
 public:
  Sieve(CardBooks& books, const Remake& remake) : books_(books), remake_(remake) {}

  bool wants(CardJob& job) {
    const auto entry = books_.entry(job.index);
    if (!entry) return true;
    job.chips = entry->chips;
    if (entry->state == CardState::untouched || remake_.covers(*entry)) return true;
    ++passed_over_;
    if (entry->state == CardState::doubt) doubts_.insert(job.index);
    return false;
  }

  /// How many were passed over, but for cards in doubt that turned up and were counted.
  std::uint64_t passed_over(const std::set<std::uint64_t>& turned_up) const {
    const auto found = [&](std::uint64_t card) { return turned_up.contains(card); };
    return passed_over_ - static_cast<std::uint64_t>(std::ranges::count_if(doubts_, found));
  }

 private:
  CardBooks& books_;
  const Remake& remake_;
  std::uint64_t passed_over_ = 0;
  std::set<std::uint64_t> doubts_;
};

void say_why_stopped(StationTotals& totals) {
  if (totals.untouched == 0 || !totals.stopped_because.empty()) return;
  totals.stopped_because = "no more cards in any reader";
  if (!totals.gone_readers.empty() && totals.idle_readers.empty())
    totals.stopped_because = "no reader is left";
}

}  // namespace

StationTotals load_cards(const std::string& file, CardSelection selection,
                         std::shared_ptr<hsm::Token> token, const StationOptions& options,
                         StationBoard& board,
                         const std::function<void(const StationResult&)>& report) {
  HostWindows windows(options.windows);
  StationOptions checked = options;
  std::string digest, run;
  {
    const CardQueue first_look(file, {});
    PersonaliserKeys keys(token, first_look.header(), windows, options.key_roles);
    digest = check_card_file(file, keys, options.load.require_mac);
    checked.load.layout = first_look.header().layout;
    run = first_look.header().run;
  }
  CardBooks books(options.books, {digest, run});
  DoubtDesk doubts(file, books,
                   [&](const CardEntry& entry) { return checked.remake.covers(entry); });
  Sieve sieve(books, checked.remake);
  selection.wanted = [&](CardJob& job) { return sieve.wants(job); };
  CardQueue queue(file, std::move(selection));
  Floor floor({queue, books, doubts, std::move(token), checked, board, report});
  std::vector<std::unique_ptr<Station>> stations;
  for (const SlotPlace& place : options.slots)
    stations.push_back(std::make_unique<Station>(floor, place));
  run_stations(floor, stations);
  books.flush();
  if (floor.failure()) rethrow_with_totals(floor);
  for (const auto& station : stations) windows.add(station->windows());
  StationTotals totals = floor.totals();
  totals.windows = windows.report();
  totals.untouched = queue.count_rest();
  totals.before = sieve.passed_over(doubts.turned_up());
  say_why_stopped(totals);
  return totals;
}

}  // namespace kpd
