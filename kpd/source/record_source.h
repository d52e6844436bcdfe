/// Where records come from: one seam for every format of a back office.
#pragma once

#include <cstdint>
#include <istream>
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
///
/// Faults of every format: "encoding" (bytes that the encoding does not have), "nul", "record-size"
/// (over kMaxRecord), "columns" (not as many as are named). Those of one format stand with its
/// make_..._source (formats.h).
class RecordSource {
 public:
  virtual ~RecordSource() = default;

  /// Names of the columns, in the order in which rows give them.
  virtual const std::vector<std::string>& columns() const = 0;

  /// The next record; nothing at the end. A record that cannot be read is a fault of that record
  /// and the next call goes on behind it, as far as the format lets find it. Throws Failure(io)
  /// when the source breaks, Failure(away) when a database went away; then nothing more comes.
  virtual std::optional<SourceRow> next() = 0;
};

/// Opens a source. Throws Failure(io) when it cannot be opened, Failure(away) when a database does
/// not answer, Failure(usage) when its layout is not what the plan says (no header, a query that
/// the database refuses).
std::unique_ptr<RecordSource> open_source(const SourcePlan& plan);

/// The same for the text of a file that is open already; not for databases.
std::unique_ptr<RecordSource> open_source(const SourcePlan& plan, std::unique_ptr<std::istream> in);

}  // namespace kpd
