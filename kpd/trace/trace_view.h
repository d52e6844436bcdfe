/// Traces for people's eyes.
#pragma once

#include <nlohmann/json.hpp>

#include "kpd/trace/trace_replay.h"

namespace kpd {

/// A trace in words. Data are hexadecimal; PANs, names and tracks in them are masked, also those
/// that stand across two commands.
class TraceView {
 public:
  explicit TraceView(const Trace& trace);

  std::string text() const;
  nlohmann::ordered_json json() const;

  /// Where a replay left the recording: both commands, and where they part.
  std::string text(const TraceDifference& difference) const;

 private:
  struct Line {
    std::string name, header, data, answer, status;
  };
  std::string line_text(std::size_t i) const;

  const Trace& trace_;
  std::vector<Line> lines_;  ///< one a step
};

}  // namespace kpd
