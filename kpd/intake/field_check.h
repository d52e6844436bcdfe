/// Whether a field's text is what its type says, and what stays of it.
#pragma once

#include "emvcrypto/fault.h"
#include "kpd/expression/expression.h"
#include "kpd/plan/plan.h"

namespace kpd {

/// A fault of one field.
struct FieldFault {
  std::string field;
  emvcrypto::Fault fault;
};

/// The field's text as its type keeps it: codes numeric, dates YYMMDD, amounts in minor units.
/// earlier: the fields before this one, as they are kept. Faults: "missing" "length" "format"
/// "luhn" "month" "day" "century" "dates-order" "service-code" "country" "currency" "language"
/// "name-length" "name-character" "emboss-character" "pin-hex" "product" "choice" "file-name"
/// "file" "file-size".
emvcrypto::Expected<std::string> read_field(const FieldPlan& field, std::string text,
                                            const Plan& plan, const FieldLookup& earlier);

/// What only several fields tell: "dates-order" (effective after expiry), "expired" (before the
/// job's date).
std::optional<FieldFault> check_dates(const Plan& plan, const FieldLookup& field);

/// The same as the job's checks say, or "expression" when one of them cannot be told.
std::optional<FieldFault> check_record(const Plan& plan, const FieldLookup& field);

}  // namespace kpd
