/// Outputs that would replace what a batch is made of.
#pragma once

#include <filesystem>
#include <vector>

#include "kpd/plan/plan.h"

namespace kpd {

/// Throws Failure(usage) when an output is one of the files that the plan is made of or reads, one
/// of `inputs`, or another output, by whatever name; Failure(io) when its name belongs to something
/// other than a file; Failure(hold) when a run was cut off between its PIN mailers and its card
/// file. To be called before anything is opened.
void require_own_files(const Plan& plan, const std::vector<std::filesystem::path>& outputs,
                       const std::vector<std::filesystem::path>& inputs = {});

/// The files that a batch with this card file writes: the rejects and the plan's mailers too.
std::vector<std::filesystem::path> batch_files(const Plan& plan,
                                               const std::filesystem::path& card_file);

}  // namespace kpd
