#include "kpd/intake/input_columns.h"

#include <fmt/format.h>

#include <algorithm>

#include "kpd/exit_code.h"

namespace kpd {
namespace {

constexpr std::size_t kNamesTold = 50;

/// What there is instead of the columns that are wanted. Names that hold none of them may be a
/// record in the place of a header, with a PAN in it: they are not told.
std::string what_there_is(const std::vector<std::string>& names,
                          const std::vector<std::string>& wanted, const SourcePlan& plan) {
  const bool any = std::any_of(wanted.begin(), wanted.end(), [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  });
  if (any) {
    const std::size_t told = std::min(names.size(), kNamesTold);
    return fmt::format("there are: {}{}", fmt::join(names.begin(), names.begin() + told, ", "),
                       told < names.size() ? " ..." : "");
  }
  if (plan.format == SourcePlan::Format::csv && names.size() == 1)
    return "the first line is one column alone: is the delimiter as the job says?";
  if (plan.format == SourcePlan::Format::csv)
    return "the first line names none of those that the job wants: does the file have a header?";
  return "none of those that the job wants is there";
}

std::size_t column_of(const std::vector<std::string>& names, const std::string& name,
                      const std::vector<std::string>& wanted, const SourcePlan& plan) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    throw Failure(ExitCode::usage,
                  fmt::format("{}: no column is called '{}'; {}", source_name(plan), name,
                              what_there_is(names, wanted, plan)));
  if (std::find(found + 1, names.end(), name) != names.end())
    throw Failure(ExitCode::usage,
                  fmt::format("{}: column '{}' stands there twice", source_name(plan), name));
  return static_cast<std::size_t>(found - names.begin());
}

}  // namespace

std::string source_name(const SourcePlan& plan) {
  if (plan.format != SourcePlan::Format::sql) return plan.file;
  return "the query of " + plan.connect.substr(0, plan.connect.find("://"));
}

InputColumns::InputColumns(const RecordSource& source, const SourcePlan& plan,
                           const std::vector<std::string>& wanted) {
  for (const std::string& name : wanted)
    places_.push_back(column_of(source.columns(), name, wanted, plan));
  inputs_.resize(places_.size());
}

const std::vector<std::string_view>& InputColumns::of(const std::vector<std::string>& row) {
  for (std::size_t i = 0; i < places_.size(); ++i) inputs_[i] = row[places_[i]];
  return inputs_;
}

}  // namespace kpd
