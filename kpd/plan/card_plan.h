/// Everything about one product: applications and the fields of the other modules.
#pragma once

#include <string>
#include <vector>

#include "kpd/plan/application_plan.h"

namespace kpd {

/// A computed field: a card verification value.
struct ValuePlan {
  std::string name;
  std::size_t key = 0, key_left = 0;  ///< CVK A|B and A|A, indices in Plan::keys
  TextTemplate pan, expiry, service_code;
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
  std::vector<ValuePlan> values;  ///< fields after Plan::fields, in this order
  std::vector<ModulePlan> modules;
  std::vector<ApplicationPlan> applications;  ///< personalisation order
};

}  // namespace kpd
