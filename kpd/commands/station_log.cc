#include "kpd/commands/station_log.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "kpd/exit_code.h"

namespace kpd {
namespace {

nlohmann::ordered_json to_json(const StationResult& r) {
  return {{"index", r.index + 1},
          {"record", r.record_id},
          {"product", r.product},
          {"reader", r.reader},
          {"outcome", cps::outcome_name(r.result.outcome)},
          {"state", name_of(r.state)},
          {"chip", emvcrypto::to_hex(r.result.chip)},
          {"aid", emvcrypto::to_hex(r.result.aid)},
          {"command", r.result.command},
          {"status", fmt::format("{:04X}", r.result.status)},
          {"detail", r.result.detail},
          {"apdus", r.result.apdus},
          {"store_data", r.result.store_data},
          {"warnings", r.result.warnings}};
}

}  // namespace

StationLog::StationLog(std::string file) : file_(std::move(file)) {
  if (file_.empty()) return;
  out_.open(file_, std::ios::app);
  if (!out_) throw Failure(ExitCode::io, file_ + ": the log cannot be written");
}

void StationLog::write(const StationResult& result) {
  if (file_.empty()) return;
  out_ << to_json(result).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
       << std::endl;
  if (!out_) throw Failure(ExitCode::io, file_ + ": the log cannot be written any more");
}

std::string describe(const StationResult& result) {
  return fmt::format("record {} ({}): {}", result.record_id, result.product,
                     cps::describe(result.result));
}

}  // namespace kpd
