// Whether the texts of elements can become what their tags want, and say what keys and certificates
// are made of.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kpd/plan/application_check.h"
#include "kpd/plan/check_values.h"
#include "kpd/plan/value_size.h"

namespace kpd {
namespace {

bool is_numeric(const ElementPlan& element) {
  return element.conversion == Conversion::n || element.conversion == Conversion::cn;
}

/// What a field of this type may hold besides digits makes every such card a reject.
bool has_letters(FieldType type) {
  constexpr std::array kLetters{FieldType::an,     FieldType::ans,     FieldType::b,
                                FieldType::name,   FieldType::emboss,  FieldType::language,
                                FieldType::choice, FieldType::product, FieldType::file};
  return std::ranges::find(kLetters, type) != kLetters.end();
}

void check_digits(const ApplicationCheck& check, const ElementPlan& element) {
  const Plan& plan = check.context.plan;
  const SizeRange digits = text_size(element.text, plan, check.context.card);
  if (is_numeric(element) && element.width > 0 && digits.least > 2 * element.width)
    check.error(check.of(element), "length",
                fmt::format("{} has {} digits at least, and 'width' has place for {}",
                            described(element.tag), digits.least, 2 * element.width));
  if (element.conversion == Conversion::hex && digits.most == digits.least && digits.least % 2 != 0)
    check.error(check.of(element), "length",
                fmt::format("{} is made of {} hexadecimal digits: two make a byte",
                            described(element.tag), digits.least));
  if (!is_numeric(element)) return;
  for (const TextPart& part : element.text) {
    if (!part.field || *part.field >= plan.fields.size()) continue;
    const FieldPlan& field = plan.fields[*part.field];
    // A template alone has fields of which nothing is known.
    if (has_letters(field.type) && field.max_length > 0)
      check.warn(check.of(element), "field-type",
                 fmt::format("{} wants digits, and field '{}' may have other characters",
                             described(element.tag), field.name),
                 "type: n, or amount, in the intake");
  }
}

void check_day(const ApplicationCheck& check, const ElementPlan& element) {
  constexpr std::size_t kDay = 6;  // YYMMDD
  if (element.conversion != Conversion::n) return;
  const SizeRange digits = text_size(element.text, check.context.plan, check.context.card);
  if (digits.most && *digits.most < kDay)
    check.error(check.of(element), "length",
                fmt::format("{} has a day (YYMMDD), and this text has {} digits at most",
                            described(element.tag), *digits.most),
                "as: date-end makes the last day of a month (YYMM)");
}

/// Cards where it differs from the role are rejected.
void check_role(const ApplicationCheck& check, const ElementPlan& element, FieldId role,
                const char* name) {
  const auto fields = fields_of(element.text);
  if (std::ranges::find(fields, role) == fields.end())
    check.warn(check.of(element), "cardholder-data",
               fmt::format("{} is made without '{}', which keys and certificates are made of",
                           described(element.tag), name));
}

void check_track(const ApplicationCheck& check, const ElementPlan& element) {
  if (const ValuePlan* value =
          find_verification(element.text, check.context.plan, check.context.card, false))
    check.warn(check.of(element), "values",
               fmt::format("{} holds '{}', which is not the chip's own: whoever reads the chip can "
                           "make a stripe",
                           described(element.tag), value->name),
               "a value with the service code 999");
}

}  // namespace

void check_texts(const ApplicationCheck& check) {
  const FieldRoles& roles = check.context.plan.roles;
  for (const ElementPlan& element : check.plan.elements) {
    if (element.constant || element.made_by_signing != Signed::none || element.ivcvc3) continue;
    if (element.conversion != Conversion::track2) check_digits(check, element);
    if (!check.is_emv()) continue;
    if (element.tag == 0x5F24 || element.tag == 0x5F25) check_day(check, element);
    if (element.tag == 0x5A) check_role(check, element, roles.pan, "pan");
    if (element.tag == 0x5F24) check_role(check, element, roles.expiry, "expiry");
    if (element.tag == 0x5F34) check_role(check, element, roles.psn, "psn");
    if (element.tag == 0x57 || element.tag == 0x9F1F) check_track(check, element);
  }
}

}  // namespace kpd
