/// What a batch reports when it is done.
#pragma once

#include <filesystem>

#include "kpd/commands/command.h"
#include "kpd/stages/pipeline.h"

namespace kpd {

/// Counts, rejects by fault, files and host windows: JSON on stdout or lines on stderr.
void report_batch(const BatchResult& result, const StageContext& context,
                  const std::filesystem::path& card_file, bool json);

/// 65 when the caller wants rejects to count as a failure, else 0.
ExitCode batch_exit(const BatchResult& result, bool fail_on_reject);

/// The file that a job writes: the option's, else the job's own, relative to the job.
std::filesystem::path output_file(const Plan& plan, const std::filesystem::path& job_file,
                                  const std::string& option);

}  // namespace kpd
