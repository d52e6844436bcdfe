/// The keys of a new test area in its key register.
#pragma once

#include "kpd/area/area.h"
#include "kpd/area/area_plan.h"
#include "kpd/area/test_area.h"
#include "kpd/audit/audit_log.h"

namespace kpd {

/// A row for every holder of every key whose role is known and for every pair of an issuer or for
/// transport, and one audit entry.
void register_test_keys(const Area& area, const AreaPlan& plan, const AreaReport& report,
                        const Actor& actor);

}  // namespace kpd
