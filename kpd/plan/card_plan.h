/// Everything about one product: applications and the fields of the other modules.
#pragma once

#include <string>
#include <vector>

#include "kpd/plan/application_plan.h"
#include "kpd/plan/pin_plan.h"

namespace kpd {

/// A computed field.
struct ValuePlan {
  enum class Kind {
    cvv,    ///< card verification value of any kind
    pvv,    ///< PIN verification value of the card's PIN
    offset  ///< IBM 3624 offset of the card's PIN
  };
  std::string name;
  std::size_t key = 0, key_left = 0;  ///< CVK A|B and A|A, indices in Plan::keys; pvv: PVK in `key`
  TextTemplate pan, expiry, service_code;
  Kind kind = Kind::cvv;
  char key_index = '1';  ///< pvv: PVKI, a digit
  Ibm3624Plan ibm3624;   ///< offset
  bool needs_pin() const { return kind != Kind::cvv; }
};

/// Fields for one of the machine's other modules.
struct ModulePlan {
  enum class Kind { text, track1, track2 };
  std::string mic;
  Kind kind = Kind::text;
  TextTemplate text;  ///< the text, or the discretionary data
};

/// Everything about one product.
struct CardPlan {
  std::string product;
  std::string risk;               ///< its risk profile; empty: the product has one plan for all
  std::vector<ValuePlan> values;  ///< fields after Plan::fields, in this order
  std::vector<ModulePlan> modules;
  std::vector<ApplicationPlan> applications;  ///< personalisation order
  /// Whether the cardholder's PIN has a part in this card.
  bool needs_pin() const;
};

}  // namespace kpd
