/// Who may run a job.
#pragma once

#include <filesystem>

#include "kpd/plan/plan.h"

namespace kpd {

/// A job that names its operators runs for them alone; who runs it is the operating system's
/// effective user. Throws Failure(hold) for anybody else.
void require_operator(const std::filesystem::path& job_file, const Plan& plan);

}  // namespace kpd
