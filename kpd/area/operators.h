/// Who may run a job.
#pragma once

#include <filesystem>
#include <string>

#include "kpd/audit/audit_log.h"
#include "kpd/plan/plan.h"

namespace kpd {

/// The name of the effective user, else its number.
std::string user_name();

/// Who runs this command, for the audit log.
Actor current_actor();

/// A job that names its operators runs for them alone; who runs it is the operating system's
/// effective user. Throws Failure(hold) for anybody else.
void require_operator(const std::filesystem::path& job_file, const Plan& plan);

}  // namespace kpd
