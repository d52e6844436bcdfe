// What only several fields of a record tell.
#include "kpd/intake/date_field.h"
#include "kpd/intake/field_check.h"

namespace kpd {

std::optional<FieldFault> check_dates(const Plan& plan, const FieldLookup& field) {
  const auto expiry = emvcrypto::parse_yymm_end(field(plan.roles.expiry));
  if (plan.roles.effective) {
    const auto effective = emvcrypto::parse_yymmdd(field(*plan.roles.effective));
    if (effective && expiry && *effective > *expiry)
      return FieldFault{plan.fields[*plan.roles.effective].name,
                        {"dates-order", "the card would be valid only after it has expired"}};
  }
  if (expiry && *expiry < plan.date)
    return FieldFault{plan.fields[plan.roles.expiry].name,
                      {"expired", "the card has expired on the job's date"}};
  return std::nullopt;
}

std::optional<FieldFault> check_record(const Plan& plan, const FieldLookup& field) {
  for (const RecordCheck& check : plan.intake.checks) {
    const auto told = check.that.evaluate(field);
    if (!told) return FieldFault{check.field, told.error()};
    if (*told != "1") return FieldFault{check.field, check.fault};
  }
  return std::nullopt;
}

}  // namespace kpd
