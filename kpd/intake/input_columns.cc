#include "kpd/intake/input_columns.h"

#include <fmt/format.h>

#include <algorithm>

#include "kpd/exit_code.h"

namespace kpd {
namespace {

std::size_t column_of(const std::vector<std::string>& names, const std::string& name,
                      const SourcePlan& plan) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end())
    throw Failure(ExitCode::usage, fmt::format("{}: no column is called '{}'; there are: {}",
                                               source_name(plan), name, fmt::join(names, ", ")));
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
  for (const std::string& name : wanted) places_.push_back(column_of(source.columns(), name, plan));
  inputs_.resize(places_.size());
}

const std::vector<std::string_view>& InputColumns::of(const std::vector<std::string>& row) {
  for (std::size_t i = 0; i < places_.size(); ++i) inputs_[i] = row[places_[i]];
  return inputs_;
}

}  // namespace kpd
