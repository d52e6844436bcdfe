/// What the check of a whole job tells beyond its compiler.
#pragma once

#include <filesystem>

#include "kpd/config/mistake.h"
#include "kpd/plan/plan.h"

namespace kpd {

/// Looks at what a run would find at its start: the columns of CSV sources that are there today,
/// keys for transport against 'transport_keys', roles that every run needs, certificate serials
/// against the number of records. Warns of a key with two uses. job: the file that `plan` was
/// compiled from; plan: one without mistakes.
void check_job(const std::filesystem::path& job, const Plan& plan, Mistakes& found);

}  // namespace kpd
