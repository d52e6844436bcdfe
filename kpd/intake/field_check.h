/// Whether a field's text is what its type says.
#pragma once

#include "emvcrypto/fault.h"
#include "kpd/plan/plan.h"

namespace kpd {

/// A fault of one field.
struct FieldFault {
  std::string field;
  emvcrypto::Fault fault;
};

/// Checks one field's text. Codes: "missing" "length" "format" "luhn" "month" "day" "service-code"
/// "country" "currency" "language" "name-length" "name-character" "psn" "pin-hex" "product".
std::optional<FieldFault> check_field(const FieldPlan& field, std::string_view text,
                                      const Plan& plan);

/// What only several fields tell: "dates-order" (effective after expiry), "expired" (before the
/// job's date).
std::optional<FieldFault> check_record(const Plan& plan,
                                       const std::function<std::string_view(FieldId)>& field);

}  // namespace kpd
