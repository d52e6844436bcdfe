#include <fmt/format.h>

#include "kpd/exit_code.h"
#include "kpd/source/csv_rows.h"
#include "kpd/source/formats.h"

namespace kpd {
namespace {

class CsvSource : public RecordSource {
 public:
  CsvSource(const SourcePlan& plan, Input input)
      : rows_(LineReader(std::move(input), plan.encoding), plan.delimiter, plan.quote) {
    for (const SourceColumn& column : plan.columns) columns_.push_back(column.name);
    if (!plan.header) return;
    auto row = rows_.next();
    if (!row)
      throw Failure(ExitCode::usage, rows_.name() + ": the first line must name the columns");
    if (!row->columns)
      throw Failure(ExitCode::usage, rows_.name() +
                                         ": the first line must name the columns, but: " +
                                         row->columns.error().reason);
    if (columns_.empty()) columns_ = *std::move(row->columns);
  }

  const std::vector<std::string>& columns() const override { return columns_; }

  std::optional<SourceRow> next() override {
    auto row = rows_.next();
    if (row && row->columns && row->columns->size() != columns_.size())
      row->columns = emvcrypto::fault(
          "columns",
          fmt::format("{} columns instead of {}", row->columns->size(), columns_.size()));
    return row;
  }

 private:
  CsvRows rows_;
  std::vector<std::string> columns_;
};

}  // namespace

std::unique_ptr<RecordSource> make_csv_source(const SourcePlan& plan, Input input) {
  return std::make_unique<CsvSource>(plan, std::move(input));
}

}  // namespace kpd
