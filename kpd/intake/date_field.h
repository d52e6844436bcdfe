/// Date fields: what they hold and how they stand to each other.
#pragma once

#include <optional>

#include "emvcrypto/dates.h"
#include "kpd/expression/expression.h"
#include "kpd/plan/plan.h"

namespace kpd {

/// A text in the field's format as the field keeps it. Faults: those of read_date, "century" (what
/// stays as YYMMDD is a day of 2000-2099) and "dates-order".
emvcrypto::Expected<std::string> read_date_field(const FieldPlan& field, std::string_view text,
                                                 const Plan& plan, const FieldLookup& earlier);

/// The day of a date field as it is kept, of an expiry its month's last; nothing when it is empty.
std::optional<emvcrypto::Date> kept_date(const FieldPlan& field, std::string_view kept);

}  // namespace kpd
