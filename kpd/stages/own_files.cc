#include "kpd/stages/own_files.h"

#include <fmt/format.h>

#include "kpd/exit_code.h"
#include "kpd/source/connection.h"
#include "kpd/stages/reject_file.h"

namespace kpd {
namespace {

using std::filesystem::path;

path plain(const path& file) {
  return std::filesystem::weakly_canonical(std::filesystem::absolute(file));
}

bool is_same(const path& a, const path& b) {
  std::error_code absent;
  return plain(a) == plain(b) || std::filesystem::equivalent(a, b, absent);
}

void add_source(const SourcePlan& source, std::vector<path>& files) {
  if (source.format != SourcePlan::Format::sql)
    files.emplace_back(source.file);
  else if (source.connect.starts_with(kSqlite))
    files.emplace_back(source.connect.substr(kSqlite.size()));
}

/// Templates that this job does not use belong to others.
bool is_template(const path& file, const Plan& plan) {
  if (plan.templates.empty() || file.extension() != ".yaml") return false;
  const path relative = plain(file).lexically_relative(plain(plan.templates));
  return !relative.empty() && *relative.begin() != "..";
}

void require_file_or_nothing(const path& file) {
  const auto status = std::filesystem::status(file);
  if (std::filesystem::exists(status) && !std::filesystem::is_regular_file(status))
    throw Failure(ExitCode::io, file.string() + ": this is no file, so no file can replace it");
}

}  // namespace

std::vector<path> batch_files(const Plan& plan, const path& card_file) {
  std::vector<path> files{card_file, reject_file_of(card_file)};
  if (plan.mailer) files.emplace_back(plan.mailer->file);
  return files;
}

void require_own_files(const Plan& plan, const std::vector<path>& outputs,
                       const std::vector<path>& inputs) {
  std::vector<path> taken(plan.files.begin(), plan.files.end());
  taken.insert(taken.end(), inputs.begin(), inputs.end());
  add_source(plan.intake.cards, taken);
  for (const JoinPlan& join : plan.intake.joins) add_source(join.source, taken);
  for (const path& output : outputs) {
    require_file_or_nothing(output);
    for (const path& other : taken)
      if (is_same(output, other))
        throw Failure(ExitCode::usage,
                      fmt::format("{}: the batch would replace {}: write to a file of its own",
                                  output.string(), other.string()));
    if (is_template(output, plan))
      throw Failure(ExitCode::usage, output.string() + ": the batch would replace a template");
    taken.push_back(output);
  }
}

}  // namespace kpd
