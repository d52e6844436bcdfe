/// Computed values and modules of a card that are not what their makers probably meant. Internal to
/// kpd/plan.
#pragma once

#include "kpd/plan/compile.h"

namespace kpd {

/// Adds warnings on a value: what it is computed over, and its keys against those of the values
/// before it.
void check_value(PlanBuilder& builder, const CardPlan& card, const ValuePlan& value,
                 const YamlNode& node);

/// Adds warnings on a module with a track.
void check_module(PlanBuilder& builder, const CardPlan& card, const ModulePlan& module,
                  const YamlNode& node);

/// A computed value that a text has for its verification: of the kind cvv. chip: with the service
/// code 999, which no stripe has; else any other. Null when the text has none.
const ValuePlan* find_verification(const TextTemplate& text, const Plan& plan, const CardPlan& card,
                                   bool chip);

}  // namespace kpd
