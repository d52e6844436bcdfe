/// Host windows: the named, counted moments in which a clear secret is in this process' memory,
/// because the device cannot do the step inside.
#pragma once

#include <array>
#include <atomic>
#include <string>
#include <vector>

#include "kpd/plan/plan.h"

namespace kpd {

enum class Window {
  card_keys,  ///< card keys between IMK and transport key, or transport key and session key
  pins,       ///< PIN blocks between two keys and formats
  icc_keys,   ///< CRT parts of card RSA keys
  record_mac  ///< the batch's MAC key
};

/// "card_keys", as policies write it.
std::string_view window_name(Window window);

bool allowed(const WindowPolicy& policy, Window window);

/// Opens windows where the policy allows it and counts what passed through. Thread-safe.
class HostWindows {
 public:
  explicit HostWindows(const WindowPolicy& policy) : policy_(policy) {}

  /// Says that `count` secrets are about to pass. Throws Failure(hold) when the job refuses this
  /// window: before anything secret has left the device.
  void open(Window window, std::size_t count);

  bool allows(Window window) const { return allowed(policy_, window); }

  /// Counts PINs that went from key to key in the device, where nobody looked at them.
  void pass_unchecked(std::size_t pins) { unchecked_pins_ += pins; }
  std::size_t unchecked_pins() const { return unchecked_pins_; }

  /// Adds another's counts: several stations, one report.
  void add(const HostWindows& other);

  /// One line a window that was used: "pins: 480 through host memory".
  std::vector<std::string> report() const;
  std::size_t count(Window window) const { return counts_[static_cast<std::size_t>(window)]; }

 private:
  WindowPolicy policy_;
  std::array<std::atomic<std::size_t>, 4> counts_{};
  std::atomic<std::size_t> unchecked_pins_ = 0;
};

}  // namespace kpd
