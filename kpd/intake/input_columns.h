/// Where the columns that a plan wants stand in the rows of an open source.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kpd/source/record_source.h"

namespace kpd {

/// A source as messages call it: its file, or "the query of ...".
std::string source_name(const SourcePlan& plan);

/// Picks the wanted columns out of each row.
class InputColumns {
 public:
  /// Throws Failure(usage) when the source has no such column or has it twice.
  InputColumns(const RecordSource& source, const SourcePlan& plan,
               const std::vector<std::string>& wanted);

  /// By their place among the wanted ones; views into `row`, good until the next call.
  const std::vector<std::string_view>& of(const std::vector<std::string>& row);

 private:
  std::vector<std::size_t> places_;
  std::vector<std::string_view> inputs_;
};

}  // namespace kpd
