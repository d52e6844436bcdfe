/// What opens each format. Internal to kpd/source.
#pragma once

#include <memory>

#include "kpd/source/input.h"
#include "kpd/source/record_source.h"

namespace kpd {

/// Rows of a CSV file (RFC 4180). Fault of its own: "csv-quote".
std::unique_ptr<RecordSource> make_csv_source(const SourcePlan& plan, Input input);

}  // namespace kpd
