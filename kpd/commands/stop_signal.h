/// Ctrl-C as a wish: a batch ends between two chunks, and nothing half done stays.
#pragma once

#include <array>
#include <csignal>

namespace kpd {

/// While one lives, the first Ctrl-C or SIGTERM is only remembered; the second ends the program.
/// Signals that were ignored when it was made (nohup) stay so.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  /// Whether one came.
  static bool came();

 private:
  static constexpr std::array kSignals{SIGINT, SIGTERM};
  std::array<struct sigaction, kSignals.size()> before_{};
};

}  // namespace kpd
