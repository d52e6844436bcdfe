/// How a batch begins, what it works with, and what it reports when it is done.
#pragma once

#include <filesystem>

#include "kpd/commands/command.h"
#include "kpd/stages/pipeline.h"

namespace kpd {

/// open_job() for making cards: the job's certificate serials become its own. Throws Failure(hold)
/// when they are another's, or a production job's date is more than seven days from the clock.
OpenJob open_batch(const std::filesystem::path& job_file, const Invocation& invocation);

/// --workers on a command that makes cards; 0: unless said.
void add_workers_option(CLI::App& command, unsigned& workers);

/// The batch's workers: as said, else as many as the job's device wants, or there are processors.
unsigned workers_of(const OpenJob& job, unsigned said);

/// What the stages of a job work with: so many workers (0: workers_of()), the area's pool, notes as
/// lines on stderr, an end at Ctrl-C while a StopSignal lives.
StageContext stage_context(const OpenJob& job, HostWindows& windows, Journal& journal,
                           unsigned workers);

/// Counts, rejects by fault, files and host windows: JSON on stdout or lines on stderr.
void report_batch(const BatchResult& result, const StageContext& context,
                  const std::filesystem::path& card_file, bool json);

/// 65 when the caller wants rejects to count as a failure, else 0.
ExitCode batch_exit(const BatchResult& result, bool fail_on_reject);

/// The file that a job writes: the option's, else the job's own, relative to the job.
std::filesystem::path output_file(const Plan& plan, const std::filesystem::path& job_file,
                                  const std::string& option);

}  // namespace kpd
