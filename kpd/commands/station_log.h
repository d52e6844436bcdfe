/// What stations tell of each card: a line of JSON in a log, a line for people.
#pragma once

#include <fstream>
#include <string>

#include "kpd/station/floor.h"

namespace kpd {

/// Appends a JSON line a card. A card's line is in the log, or the run ends: what is not written
/// cannot be accounted for.
class StationLog {
 public:
  /// An empty name: no log. Throws Failure(io).
  explicit StationLog(std::string file);
  void write(const StationResult& result);

 private:
  std::string file_;
  std::ofstream out_;
};

/// "record 000017 (CLASSIC): refused, ..."
std::string describe(const StationResult& result);

}  // namespace kpd
