/// One calculation from given values to an answer.
#pragma once

#include <optional>

#include "kpd/calc/function.h"

namespace kpd::calc {

/// What came of a calculation: items, a fault, or both (the steps until something was wrong).
struct Answer {
  Item items;
  std::optional<emvcrypto::Fault> fault;

  /// Whether the fault, if any, is of what was given, not of the data that it is about.
  bool is_usage() const { return fault && fault->code == "usage"; }
};

/// Checks the values and runs the function. No answer holds a secret unless `disclosure` lets it.
Answer calculate(const Function& function, const GivenValues& given, const Disclosure& disclosure);

}  // namespace kpd::calc
