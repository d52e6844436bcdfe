#include "kpd/plan/check_pin_fields.h"

#include <fmt/format.h>

#include <array>

namespace kpd {
namespace {

constexpr const char* kHint = "what is on the card of a PIN is one of 'values', or a DGI's 'pin'";

/// The source of a field: 0 is that of the cards, then come the joins.
std::size_t source_of(const Plan& plan, FieldId id) {
  std::size_t source = 0;
  for (const JoinPlan& join : plan.intake.joins)
    if (id >= join.first_field) ++source;
  return source;
}

/// Columns of one source with PINs in them.
struct PinColumns {
  std::set<std::size_t> whole;  ///< PINs and nothing else
  std::set<std::size_t> parts;  ///< among others
};

PinColumns pin_columns(const Plan& plan, std::size_t source) {
  PinColumns columns;
  for (FieldId id = 0; id < plan.fields.size(); ++id) {
    if (!plan.brings_pins(id) || source_of(plan, id) != source) continue;
    const FieldPlan& field = plan.fields[id];
    if (field.input) columns.whole.insert(*field.input);
    if (!field.from) continue;
    for (const FieldId name : fields_of(*field.from))
      if (name >= kFirstInput) columns.parts.insert(name - kFirstInput);
  }
  return columns;
}

/// What brings PINs into a field; empty when nothing does.
std::string pins_in(const Plan& plan, FieldId id) {
  const FieldPlan& field = plan.fields[id];
  const PinColumns columns = pin_columns(plan, source_of(plan, id));
  if (field.input && (columns.whole.contains(*field.input) || columns.parts.contains(*field.input)))
    return "its column";
  if (!field.from) return {};
  for (const FieldId name : fields_of(*field.from)) {
    if (name >= kFirstInput && columns.whole.contains(name - kFirstInput)) return "a column of it";
    if (name < kFirstInput && plan.brings_pins(name)) return "'" + plan.fields[name].name + "'";
  }
  return {};
}

}  // namespace

void check_pin_fields(PlanBuilder& builder, const std::map<std::string, YamlNode>& nodes) {
  const Plan& plan = builder.plan;
  const FieldRoles& roles = plan.roles;
  const std::array others{roles.record_id, roles.product, roles.pan, roles.psn, roles.expiry};
  for (FieldId id = 0; id < plan.fields.size(); ++id) {
    const auto node = nodes.find(plan.fields[id].name);
    if (node == nodes.end()) continue;
    if (plan.brings_pins(id)) {
      if (std::ranges::find(others, id) != others.end())
        builder.mistakes.add(node->second.mistake(
            fmt::format("'{}' has a meaning of its own: it cannot bring PINs", node->first), {},
            "pin-field"));
    } else if (const std::string from = pins_in(plan, id); !from.empty()) {
      builder.mistakes.add(node->second.mistake(
          fmt::format("{} brings PINs, and field '{}' would carry them on", from, node->first),
          kHint, "pin-field"));
    }
  }
}

}  // namespace kpd
