/// A reader whose card or self goes away at a chosen command.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "cps/slot.h"
#include "kpd/chip/chip.h"

namespace kpd_test {

enum class Fault {
  none,
  pulled_before,  ///< the card, which has not seen the command
  pulled_after,   ///< the card, which has executed it
  gone_before,    ///< the reader; its card has not seen the command
  gone_after
};

/// What lies in the reader and behind it; outlives its slots, as the world does.
struct FaultyReader {
  std::vector<std::unique_ptr<kpd::chip::Chip>> chips;  ///< one after the other
  std::size_t at = 0;                                   ///< the chip in the reader
  Fault fault = Fault::none;
  std::uint64_t fault_at = 0;  ///< the command, from 0
  bool comes_back = true;      ///< the same chip, after the fault; false: the next one
  /// A second fault, so many commands after the first, after which the chip does not come back.
  std::optional<std::uint64_t> pulled_again_after;
  std::uint64_t commands = 0;
  bool gone = false;  ///< until it is opened again
  bool faulted = false;
};

/// An operator changes the chips: each removal brings the next one.
class FaultySlot final : public cps::Slot {
 public:
  explicit FaultySlot(FaultyReader& reader) : reader_(reader) { reader_.gone = false; }

  const std::string& name() const override { return name_; }
  const std::string& last_error() const override { return error_; }
  cps::Bytes atr() const override { return chip() == nullptr ? cps::Bytes{} : chip()->atr(); }

  bool wait_for_card(std::chrono::milliseconds) override {
    check();
    powered_ = chip() != nullptr && !chip()->power_on().empty();
    return powered_;
  }
  bool wait_for_removal(std::chrono::milliseconds) override {
    check();
    powered_ = false;
    if (chip() == nullptr) return false;
    chip()->power_off();
    ++reader_.at;
    return true;
  }
  bool reset(cps::Reset) override { return powered_ && !chip()->power_on().empty(); }

  cps::Response transmit(cps::ByteView command, std::chrono::milliseconds) override {
    using Kind = cps::Response::Kind;
    if (reader_.gone) return {Kind::broken, {}, "the reader is gone"};
    if (!powered_) return {Kind::lost, {}, "there is no card"};
    if (reader_.faulted && reader_.pulled_again_after && (*reader_.pulled_again_after)-- == 0)
      return pull_again();
    if (reader_.faulted || reader_.fault == Fault::none || reader_.commands++ != reader_.fault_at)
      return {Kind::answered, chip()->transmit(command), ""};
    return break_down(command);
  }

 private:
  kpd::chip::Chip* chip() const {
    return reader_.at < reader_.chips.size() ? reader_.chips[reader_.at].get() : nullptr;
  }
  void check() const {
    if (reader_.gone) throw cps::SlotGone("the reader is gone");
  }
  cps::Response pull_again() {
    reader_.pulled_again_after.reset();
    chip()->power_off();
    powered_ = false;
    ++reader_.at;
    return {cps::Response::Kind::lost, {}, "fault"};
  }
  cps::Response break_down(cps::ByteView command) {
    reader_.faulted = true;
    const Fault fault = reader_.fault;
    if (fault == Fault::pulled_after || fault == Fault::gone_after) chip()->transmit(command);
    chip()->power_off();
    powered_ = false;
    if (!reader_.comes_back) ++reader_.at;
    reader_.gone = fault == Fault::gone_before || fault == Fault::gone_after;
    return {reader_.gone ? cps::Response::Kind::broken : cps::Response::Kind::lost, {}, "fault"};
  }

  FaultyReader& reader_;
  std::string name_ = "faulty reader", error_;
  bool powered_ = false;
};

}  // namespace kpd_test
