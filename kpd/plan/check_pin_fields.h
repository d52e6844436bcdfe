/// PINs on their way in stay in the fields that are made for them. Internal to kpd/plan.
#pragma once

#include <map>

#include "kpd/plan/compile.h"

namespace kpd {

/// Fields that bring PINs are emptied once the cards have them, and stand in no text. Adds a
/// mistake for each other field that is made of such a field or of its column, and for each that
/// stages know by another meaning. nodes: where the job speaks of the fields, by their names.
void check_pin_fields(PlanBuilder& builder, const std::map<std::string, YamlNode>& nodes);

}  // namespace kpd
