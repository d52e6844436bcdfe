#include "kpd/stages/own_files.h"

#include <fmt/format.h>

#include <algorithm>

#include "kpd/exit_code.h"
#include "kpd/files/atomic_file.h"
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

/// A database of SQLite has its newest rows in files beside it.
void add_source(const SourcePlan& source, std::vector<path>& files) {
  if (source.format != SourcePlan::Format::sql) {
    files.emplace_back(source.file);
  } else if (source.connect.starts_with(kSqlite)) {
    for (const char* part : {"", "-wal", "-shm", "-journal"})
      files.emplace_back(source.connect.substr(kSqlite.size()) + part);
  }
}

/// Whether an output would stand among the files that records name.
bool is_content(const path& file, const Plan& plan) {
  return std::ranges::any_of(plan.fields, [&](const FieldPlan& field) {
    return field.type == FieldType::file &&
           is_same(file.parent_path().empty() ? "." : file.parent_path(), field.folder);
  });
}

/// A machine that stopped between the mailers' renaming and the card file's leaves both mailers,
/// and nobody but a person knows which cards there are.
void require_finished(const Plan& plan) {
  if (!plan.mailer) return;
  const path kept = AtomicFile::kept_name(plan.mailer->file);
  if (std::filesystem::exists(kept))
    throw Failure(
        ExitCode::hold,
        fmt::format("{}: these are the PIN mailers of the run before; the run that replaced them "
                    "was cut off. Its own are in {}. If the card file is of the run that the lines "
                    "in {} name, move them back over the new ones, else remove them",
                    kept.string(), plan.mailer->file, kept.filename().string()));
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
  require_finished(plan);
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
    if (is_content(output, plan))
      throw Failure(ExitCode::usage,
                    output.string() + ": the batch would write among the files of its records");
    taken.push_back(output);
  }
}

}  // namespace kpd
