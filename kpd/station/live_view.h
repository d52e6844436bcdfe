/// Stations and their cards as lines for a terminal.
#pragma once

#include <string>
#include <vector>

#include "kpd/station/station_board.h"

namespace kpd {

/// What most of a run's time goes into.
enum class Bottleneck {
  unknown,  ///< no card has ended yet
  chip,     ///< the chips and their links
  device,   ///< the keys' device
  reader,   ///< waiting for the next card
  host      ///< ourselves
};

const char* name_of(Bottleneck bottleneck);

Bottleneck bottleneck_of(const StationTimes& times);

/// Sums over stations.
StationTimes sum_of(const std::vector<StationNow>& stations);

/// What a view is made of.
struct LiveView {
  std::string title;  ///< "line-1: batch.cps"
  std::vector<StationNow> stations;
  std::uint64_t wanted = 0;  ///< cards; 0: unknown
  std::chrono::steady_clock::time_point start, now;
};

/// A head with counts, rate and bottleneck, then a line a station; no line is longer than `width`
/// characters. Of records only their ids are shown.
std::vector<std::string> live_lines(const LiveView& view, std::size_t width);

}  // namespace kpd
