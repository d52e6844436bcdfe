/// From a job's words on a source of records to its plan.
#pragma once

#include <filesystem>
#include <functional>

#include "kpd/config/yaml_reader.h"
#include "kpd/source/source_plan.h"

namespace kpd {

/// Takes the keys of a source from `map`: format, file, encoding and those of the format. What is
/// left is the caller's to take, or to refuse by finish(). `resolve`: a file named in the job, as
/// the program finds it. Throws ConfigError.
SourcePlan compile_source(YamlMap& map,
                          const std::function<std::filesystem::path(const std::string&)>& resolve);

/// Makes rows give this column. Where a source names no columns itself and the job neither (xml,
/// jsonl), the name is its path, so call this for every column that fields want. False when the
/// job's list of columns does not have it; true for a csv header or a query, which nobody knows
/// yet.
bool want_column(SourcePlan& plan, const std::string& name);

}  // namespace kpd
