/// A virtual chip behind the card seam.
#pragma once

#include "cps/card.h"
#include "kpd/chip/chip.h"

namespace kpd_test {

/// Has no deadlines: the chip answers at once. The chip outlives it.
class ChipCard : public cps::Card {
 public:
  explicit ChipCard(kpd::chip::Chip& chip) : chip_(chip) {}
  cps::Bytes atr() const override { return chip_.atr(); }
  bool reset(cps::Reset) override { return !chip_.power_on().empty(); }
  cps::Response transmit(cps::ByteView command, std::chrono::milliseconds) override {
    return {cps::Response::Kind::answered, chip_.transmit(command), ""};
  }

 private:
  kpd::chip::Chip& chip_;
};

}  // namespace kpd_test
