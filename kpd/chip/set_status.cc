/// SET STATUS (GlobalPlatform Card Specification 2.3, 11.10): life cycles of card and applications.
#include <algorithm>

#include "kpd/chip/card_manager.h"

namespace kpd::chip {
namespace {

constexpr std::uint8_t kCard = 0x80;
constexpr std::uint8_t kApplication = 0x40;
constexpr std::uint8_t kLock = 0x80;  // b8 of P2

/// The card's steps (5.1.1); from everywhere it can be terminated.
struct Step {
  CardLife from, to;
};
constexpr Step kSteps[] = {{CardLife::op_ready, CardLife::initialized},
                           {CardLife::initialized, CardLife::secured},
                           {CardLife::secured, CardLife::locked},
                           {CardLife::locked, CardLife::secured}};

bool is_card_life(std::uint8_t value) {
  switch (static_cast<CardLife>(value)) {
    case CardLife::op_ready:
    case CardLife::initialized:
    case CardLife::secured:
    case CardLife::locked:
    case CardLife::terminated:
      return true;
  }
  return false;
}

}  // namespace

/// P1 80: P2 is the card's new state; the data do not matter. P1 40: P2 b8 locks the application in
/// the data, without it it is unlocked; a locked card leaves applications as they are.
Status CardManager::set_status(const Command& command) {
  if (command.p1 == kCard) return set_card_life(command.p2);
  if (command.p1 != kApplication) return sw::wrong_parameters;
  if (content_.life == CardLife::locked) return sw::conditions;
  return set_lock(command.data, (command.p2 & kLock) != 0);
}

Status CardManager::set_card_life(std::uint8_t wanted) {
  if (!is_card_life(wanted)) return sw::wrong_parameters;
  const auto to = static_cast<CardLife>(wanted);
  const bool allowed =
      to == CardLife::terminated || std::ranges::any_of(kSteps, [&](const Step& step) {
        return step.from == content_.life && step.to == to;
      });
  if (!allowed) return sw::conditions;
  if (to == CardLife::initialized && content_.in_factory && !leave_factory()) return sw::conditions;
  content_.life = to;
  return sw::ok;
}

/// The end of the manufacturer's steps: KEYDATA and KDC must be there; K(IC) goes.
bool CardManager::leave_factory() {
  const auto is_chip_key = [](const KeySet& set) { return set.version == kFactoryVersion; };
  if (!content_.key_data_written || std::ranges::all_of(content_.keys, is_chip_key)) return false;
  std::erase_if(content_.keys, is_chip_key);
  content_.in_factory = false;
  return true;
}

Status CardManager::set_lock(ByteView aid, bool lock) {
  Instance* const instance = content_.find_instance(aid);
  if (instance == nullptr) return sw::data_not_found;
  if (instance->locked == lock) return sw::conditions;
  instance->locked = lock;
  return sw::ok;
}

}  // namespace kpd::chip
