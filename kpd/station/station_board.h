/// What every station is doing, for displays.
#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <vector>

#include "cps/loader.h"

namespace kpd {

/// Sums over the cards of a station.
struct StationTimes {
  std::chrono::nanoseconds chip{0};     ///< the chip and its link
  std::chrono::nanoseconds device{0};   ///< the keys' device
  std::chrono::nanoseconds host{0};     ///< everything else from a card's presence to its end
  std::chrono::nanoseconds waiting{0};  ///< for the next card
};

enum class StationPhase {
  waiting,  ///< for a card
  working,  ///< on one
  gone,     ///< its reader is, for now
  ended
};

struct StationNow {
  std::string name;
  StationPhase phase = StationPhase::waiting;
  std::string record, product;  ///< at work
  std::string step;             ///< "STORE DATA 03 (DGI 8000)"
  std::size_t application = 0, applications = 0;
  std::size_t block = 0, blocks = 0;  ///< of the application's STORE DATA commands
  std::chrono::steady_clock::time_point since = std::chrono::steady_clock::now();  ///< the phase
  std::uint64_t done = 0, failed = 0;
  StationTimes times;
};

/// Thread-safe; a station writes its own line.
class StationBoard {
 public:
  /// A new line; its number.
  std::size_t add(const std::string& name);

  void set_phase(std::size_t station, StationPhase phase);
  void begin_card(std::size_t station, const std::string& record, const std::string& product);
  void show_step(std::size_t station, const cps::LoadEvent& event);
  /// So much of so much, as a script says.
  void show_progress(std::size_t station, std::uint64_t done, std::uint64_t total);
  void end_card(std::size_t station, bool good, const StationTimes& times);

  std::vector<StationNow> now() const;

 private:
  mutable std::mutex mutex_;
  std::vector<StationNow> stations_;
};

}  // namespace kpd
