// Verification values are over PAN, expiry (YYMM) and service code; what stands on the stripe has
// the stripe's service code, what stands in the chip 999, what is printed 000.
#include "kpd/plan/check_values.h"

#include <fmt/format.h>

#include <algorithm>

namespace kpd {
namespace {

constexpr std::string_view kChipCode = "999", kPrintedCode = "000";

void warn(PlanBuilder& builder, const YamlNode& node, const std::string& text,
          const std::string& hint) {
  Mistake mistake = node.mistake(text, hint, "values");
  mistake.warning = true;
  builder.mistakes.add(std::move(mistake));
}

bool is_text(const TextTemplate& text, std::string_view literal) {
  return text.size() == 1 && !text[0].field && !text[0].expression && text[0].literal == literal;
}

bool is_field(const TextTemplate& text, FieldId field) {
  return text.size() == 1 && text[0].field == field;
}

bool names(const TextTemplate& text, FieldId field) {
  const auto fields = fields_of(text);
  return std::ranges::find(fields, field) != fields.end();
}

void check_keys(PlanBuilder& builder, const CardPlan& card, const ValuePlan& value,
                const YamlNode& node) {
  if (value.key == value.key_left && !builder.open_world)
    return warn(builder, node, fmt::format("'{}' has one key for 'cvv' and 'key_a'", value.name),
                "key_a: the key whose halves are both the left one of 'cvv'");
  for (const ValuePlan& other : card.values)
    if (other.kind == ValuePlan::Kind::cvv && &other != &value && other.key != other.key_left &&
        other.key == value.key_left && other.key_left == value.key)
      return warn(
          builder, node,
          fmt::format("'{}' has the keys of '{}' the other way round", value.name, other.name),
          "'cvv' has both halves, 'key_a' the left one twice");
}

}  // namespace

const ValuePlan* find_verification(const TextTemplate& text, const Plan& plan, const CardPlan& card,
                                   bool chip) {
  for (const FieldId id : fields_of(text)) {
    if (id < plan.fields.size() || id - plan.fields.size() >= card.values.size()) continue;
    const ValuePlan& value = card.values[id - plan.fields.size()];
    if (value.kind == ValuePlan::Kind::cvv && is_text(value.service_code, kChipCode) == chip)
      return &value;
  }
  return nullptr;
}

void check_value(PlanBuilder& builder, const CardPlan& card, const ValuePlan& value,
                 const YamlNode& node) {
  const FieldRoles& roles = builder.plan.roles;
  if (value.kind != ValuePlan::Kind::offset && !names(value.pan, roles.pan))
    warn(builder, node, fmt::format("'{}' is computed without the card's PAN", value.name),
         "pan: \"{pan}\"");
  if (value.kind != ValuePlan::Kind::cvv) return;
  if (!is_text(value.service_code, kPrintedCode) && !is_field(value.expiry, roles.expiry))
    warn(builder, node,
         fmt::format("'{}' is over another expiry than tracks have (YYMM)", value.name),
         "expiry: \"{expiry}\"");
  check_keys(builder, card, value, node);
}

void check_module(PlanBuilder& builder, const CardPlan& card, const ModulePlan& module,
                  const YamlNode& node) {
  if (module.kind == ModulePlan::Kind::text) return;
  if (const ValuePlan* value = find_verification(module.text, builder.plan, card, true))
    warn(builder, node,
         fmt::format("the stripe holds '{}', which is the chip's (service code 999)", value->name),
         "a value with the stripe's own service code");
  const char other = module.kind == ModulePlan::Kind::track1 ? '2' : '1';
  if (module.mic.starts_with("$MG") && module.mic.back() == other)
    warn(builder, node, fmt::format("module {} holds the other track", module.mic),
         "track1 in $MG1, track2 in $MG2");
}

}  // namespace kpd
