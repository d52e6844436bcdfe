/// A slot that takes the time of a real chip and its link.
#pragma once

#include <atomic>
#include <chrono>

#include "kpd/chip/port.h"

namespace kpd::chip {

/// How long what takes.
struct ChipPace {
  std::chrono::microseconds command{0};  ///< the chip's own work on each APDU
  unsigned bits_per_second = 0;          ///< of the link; 0: none is felt
  bool any() const { return command.count() > 0 || bits_per_second > 0; }
};

/// Passes everything on, and answers each APDU when a chip of this pace would have: its bytes both
/// ways as T=1 blocks of one prologue and check byte each (ISO/IEC 7816-3, 11.3), 11 bits a byte,
/// and its work between. The slot behind it outlives it.
class PacedPort : public ChipPort {
 public:
  PacedPort(ChipPort& slot, ChipPace pace) : slot_(slot), pace_(pace) {}

  Bytes atr() const override { return slot_.atr(); }
  Bytes power_on() override { return slot_.power_on(); }
  void power_off() override { slot_.power_off(); }
  Bytes warm_reset() override { return slot_.warm_reset(); }
  Bytes transmit(ByteView apdu) override;

  /// What chip and link took so far. Any thread may ask.
  std::chrono::nanoseconds worked() const { return std::chrono::nanoseconds(worked_); }

 private:
  std::chrono::nanoseconds link_time(std::size_t bytes) const;

  ChipPort& slot_;
  ChipPace pace_;
  std::atomic<std::int64_t> worked_ = 0;
};

}  // namespace kpd::chip
