#include "kpd/keys/host_window.h"

#include <fmt/format.h>

#include "kpd/exit_code.h"

namespace kpd {
namespace {

constexpr std::array<std::string_view, 4> kNames{"card_keys", "pins", "icc_keys", "record_mac"};

}  // namespace

std::string_view window_name(Window window) {
  return kNames[static_cast<std::size_t>(window)];
}

bool allowed(const WindowPolicy& policy, Window window) {
  switch (window) {
    case Window::card_keys:
      return policy.card_keys;
    case Window::pins:
      return policy.pins;
    case Window::icc_keys:
      return policy.icc_keys;
    case Window::record_mac:
      return policy.record_mac;
  }
  return false;
}

void HostWindows::open(Window window, std::size_t count) {
  const auto index = static_cast<std::size_t>(window);
  if (!allowed(policy_, window))
    throw Failure(
        ExitCode::hold,
        fmt::format("this device cannot handle {0} without showing them to the host for a "
                    "moment, and the job refuses that: set policy.host_window.{0} to "
                    "'allow', or run the job on a device that can",
                    kNames[index]));
  counts_[index] += count;
}

void HostWindows::add(const HostWindows& other) {
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  unchecked_pins_ += other.unchecked_pins_;
}

std::vector<std::string> HostWindows::report() const {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < counts_.size(); ++i)
    if (counts_[i] > 0)
      lines.push_back(fmt::format("{}: {} through host memory", kNames[i], counts_[i]));
  return lines;
}

}  // namespace kpd
