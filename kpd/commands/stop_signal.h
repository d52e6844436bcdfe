/// Ctrl-C as a wish: a batch ends between two chunks, and nothing half done stays.
#pragma once

namespace kpd {

/// While one lives, the first Ctrl-C or SIGTERM is only remembered; the second ends the program.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  /// Whether one came.
  static bool came();
};

}  // namespace kpd
