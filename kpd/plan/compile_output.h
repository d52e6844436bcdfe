/// From a job's `output` to OutputPlan.
#pragma once

#include "kpd/plan/compile.h"

namespace kpd {

/// Reads how the batch is written into `builder.plan.output`. Before the products: their module
/// identifiers must differ from the chip's.
void compile_output(PlanBuilder& builder, const YamlNode& node);

}  // namespace kpd
