#include "kpd/intake/date_field.h"

#include <fmt/format.h>

#include "kpd/intake/date_reader.h"

namespace kpd {
namespace {

constexpr std::string_view kWithCentury = "YYYYMMDD";

std::string kept_form(const FieldPlan& field, const emvcrypto::Date& date) {
  if (field.type == FieldType::expiry) return date.yymm();
  if (field.keep_century) return fmt::format("{:04}{:02}{:02}", date.year, date.month, date.day);
  return date.yymmdd();
}

}  // namespace

emvcrypto::Expected<std::string> read_date_field(const FieldPlan& field, std::string_view text,
                                                 const Plan& plan, const FieldLookup& earlier) {
  const auto date = read_date(text, field.format);
  if (!date) return tl::unexpected(date.error());
  if (!field.keep_century && (date->year < 2000 || date->year > 2099))
    return emvcrypto::fault("century", "a date of two-digit years is one of 2000 to 2099");
  for (const DateOrder& order : field.order) {
    const auto other = order.other ? kept_date(plan.fields[*order.other], earlier(*order.other))
                                   : std::optional(plan.date);
    if (!other || (order.not_before ? *date >= *other : *date <= *other)) continue;
    return emvcrypto::fault(
        "dates-order",
        fmt::format("the date is {} {}", order.not_before ? "before" : "after",
                    order.other ? "'" + plan.fields[*order.other].name + "'" : "the job's date"));
  }
  return kept_form(field, *date);
}

std::optional<emvcrypto::Date> kept_date(const FieldPlan& field, std::string_view kept) {
  if (kept.empty()) return std::nullopt;
  if (field.type == FieldType::expiry) return emvcrypto::parse_yymm_end(kept);
  if (!field.keep_century) return emvcrypto::parse_yymmdd(kept);
  const auto date = read_date(kept, kWithCentury);
  return date ? std::optional(*date) : std::nullopt;
}

}  // namespace kpd
