/// Where records come from: one seam for every format of a back office.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "emvcrypto/fault.h"
#include "kpd/source/source_plan.h"

namespace kpd {

/// One record of a source, or what is wrong with it.
struct SourceRow {
  std::uint64_t line = 0;  ///< of the file, from 1, where the record starts; of a query: its row
  emvcrypto::Expected<std::vector<std::string>> columns;  ///< UTF-8, in the order of columns()
};

/// Records one by one; memory holds one of them.
class RecordSource {
 public:
  virtual ~RecordSource() = default;

  /// Names of the columns, in the order in which rows give them.
  virtual const std::vector<std::string>& columns() const = 0;

  /// The next record; nothing at the end. A record that cannot be read is a fault of that record
  /// and the next call goes on behind it, as far as the format lets find it. Throws Failure(io)
  /// when the source breaks, Failure(away) when a database went away.
  virtual std::optional<SourceRow> next() = 0;
};

/// Opens a source. Throws Failure(io) when it cannot be opened, Failure(usage) when its layout is
/// not what the plan says (a column that is not there, no header).
std::unique_ptr<RecordSource> open_source(const SourcePlan& plan);

}  // namespace kpd
