/// From a job's `output`, and the profile that it names, to OutputPlan.
#pragma once

#include "kpd/plan/compile.h"

namespace kpd {

/// Reads how the batch is written into `builder.plan.output`. After the products: packages and
/// lines are made of theirs.
void compile_output(PlanBuilder& builder, const YamlNode& node);

/// "ecb" or "cbc".
cps::Cmode read_cmode(const YamlNode& node);

/// Names of packages, private tags and which tags make which DGI (cps/tagged_layout.h), for every
/// card of the plan. map: the output's.
cps::TaggedLayout compile_packages(const Plan& plan, YamlMap& map);  // compile_packages.cc

/// The layout of lines (cps/line_layout.h), and the texts of its own fields. map: the output's.
void compile_lines(PlanBuilder& builder, YamlMap& map);  // compile_lines.cc

}  // namespace kpd
