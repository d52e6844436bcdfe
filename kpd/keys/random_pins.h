/// PINs by chance, from the device's generator.
#pragma once

#include "hsm/token.h"
#include "kpd/plan/pin_plan.h"

namespace kpd {

/// Whether a PIN (ASCII digits) is one that nobody shall get by chance.
bool is_weak_pin(const hsm::Secret& pin, const WeakPins& weak);

/// Draws PINs of one length; every PIN that is not refused is as likely as any other.
class RandomPins {
 public:
  /// token and weak must outlive it. length: 4-12; std::invalid_argument otherwise.
  RandomPins(hsm::Token& token, std::size_t length, const WeakPins& weak);

  /// A PIN, ASCII digits.
  hsm::Secret draw();

 private:
  std::uint8_t digit();

  hsm::Token& token_;
  std::size_t length_;
  const WeakPins& weak_;
  hsm::Secret pool_;  ///< random bytes in hand
  std::size_t used_ = 0;
};

}  // namespace kpd
