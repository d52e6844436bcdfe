// Whether everything of the application reaches the chip, each in a DGI (EMV CPS 1.1, 3.2, Annex
// A).
#include <fmt/format.h>

#include <algorithm>

#include "kpd/plan/application_check.h"

namespace kpd {
namespace {

/// What the DGIs of a plan hold.
struct Held {
  std::set<std::size_t> records, keys;
  std::set<std::pair<DgiPlan::Kind, RsaPart>> parts;
  std::set<cps::DgiId> ids;
};

Held held_by_dgis(const ApplicationPlan& plan) {
  Held held;
  for (const DgiPlan& dgi : plan.dgis) {
    held.ids.insert(dgi.id);
    if (dgi.kind == DgiPlan::Kind::record) held.records.insert(dgi.record);
    if (dgi.kind == DgiPlan::Kind::keys) held.keys.insert(dgi.keys.begin(), dgi.keys.end());
    if (dgi.kind == DgiPlan::Kind::icc_part || dgi.kind == DgiPlan::Kind::pin_key_part)
      held.parts.insert({dgi.kind, dgi.part});
  }
  return held;
}

void check_instructions(const ApplicationCheck& check, const Held& held) {
  const cps::DeviceInstructions& told = check.plan.instructions;
  std::set<cps::DgiId> named(told.version_control.begin(), told.version_control.end());
  for (const auto* statements : {&told.order, &told.groups})
    for (const auto& statement : *statements) named.insert(statement.begin(), statement.end());
  for (const cps::DgiId id : named)
    if (!held.ids.contains(id) && !check.has_given_data())
      check.error(
          check.whole(), "unknown-dgi",
          fmt::format("'personalisation' names DGI {}, which is not there", cps::dgi_name(id)));
}

/// Chips compare check values and keys in the order in which they come.
void check_check_values(const ApplicationCheck& check) {
  const DgiPlan* keys = nullptr;
  for (const DgiPlan& dgi : check.plan.dgis) {
    if (dgi.kind == DgiPlan::Kind::keys) keys = &dgi;
    if (dgi.kind == DgiPlan::Kind::kcvs && keys != nullptr && dgi.keys != keys->keys &&
        std::ranges::is_permutation(dgi.keys, keys->keys))
      check.warn(check.of(dgi), "kcv-order",
                 fmt::format("the check values stand in another order than the keys of DGI {}",
                             cps::dgi_name(keys->id)));
  }
}

}  // namespace

void check_dgis(const ApplicationCheck& check) {
  const ApplicationPlan& plan = check.plan;
  const Held held = held_by_dgis(plan);
  for (std::size_t i = 0; i < plan.records.size(); ++i)
    if (!held.records.contains(i))
      check.error(check.of(plan.records[i]), "no-dgi",
                  fmt::format("not every record stands in 'dgis': record {} of file {} does not",
                              plan.records[i].number, plan.records[i].sfi),
                  "add 'records' to the list");
  for (std::size_t i = 0; i < plan.keys.size(); ++i)
    if (!held.keys.contains(i))
      check.error({plan.keys[i].origin.place, "keys." + plan.keys[i].name}, "no-dgi",
                  fmt::format("not every key stands in a DGI: '{}' does not", plan.keys[i].name));
  if (plan.pin && !check.has_pin())
    check.error(check.whole(), "no-dgi", "'pin' is there, but no DGI holds the reference PIN");
  if (held.parts.size() != 5 * ((plan.icc_key ? 1U : 0U) + (plan.pin_key ? 1U : 0U)))
    check.error(check.whole(), "no-dgi",
                "a card's RSA key needs a DGI for each of qinv, dq, dp, q and p");
  check_instructions(check, held);
  check_check_values(check);
}

}  // namespace kpd
