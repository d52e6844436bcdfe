#include "kpd/exit_code.h"
#include "kpd/source/connection.h"
#include "kpd/source/formats.h"

namespace kpd {
namespace {

std::unique_ptr<RecordSource> open_file(const SourcePlan& plan, Input input) {
  switch (plan.format) {
    case SourcePlan::Format::csv:
      return make_csv_source(plan, std::move(input));
    case SourcePlan::Format::fixed:
      return make_fixed_source(plan, std::move(input));
    case SourcePlan::Format::xml:
      return make_xml_source(plan, std::move(input));
    case SourcePlan::Format::jsonl:
      return make_jsonl_source(plan, std::move(input));
    case SourcePlan::Format::sql:
      break;
  }
  throw Failure(ExitCode::internal, "this source is no file");
}

}  // namespace

std::unique_ptr<RecordSource> open_source(const SourcePlan& plan) {
  if (plan.format != SourcePlan::Format::sql) return open_file(plan, Input(plan.file));
  return plan.connect.starts_with(kSqlite) ? make_sqlite_source(plan) : make_postgres_source(plan);
}

std::unique_ptr<RecordSource> open_source(const SourcePlan& plan,
                                          std::unique_ptr<std::istream> in) {
  return open_file(plan, Input(plan.file, std::move(in)));
}

}  // namespace kpd
