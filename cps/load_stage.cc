#include "cps/load_stage.h"

namespace cps {
namespace {

constexpr std::uint16_t kDone = 0x9000, kConditions = 0x6985;

}  // namespace

LoadEvent event_of(const LoadVisit& visit, const LoadStage& stage) {
  return {stage.application.aid,
          visit.result.command,
          stage.index,
          visit.record.applications.size(),
          0,
          0};
}

void end_load(LoadVisit& visit, const LoadStage& stage, LoadOutcome outcome, std::uint16_t status,
              std::string detail) {
  visit.result.outcome = outcome;
  visit.result.aid = stage.application.aid;
  visit.result.status = status;
  visit.result.detail = std::move(detail);
}

bool accepted(LoadVisit& visit, const LoadStage& stage, const Response& response,
              LoadOutcome outcome) {
  if (response.kind == Response::Kind::lost)
    end_load(visit, stage, LoadOutcome::card_lost, 0, response.detail);
  else if (response.kind == Response::Kind::broken)
    end_load(visit, stage, LoadOutcome::reader_broken, 0, response.detail);
  else if (response.status() != kDone)
    end_load(visit, stage, outcome, response.status());
  else
    return true;
  return false;
}

LoadOutcome refusal_at_start(const Response& response) {
  return response.status() == kConditions ? LoadOutcome::already_personalised
                                          : LoadOutcome::refused;
}

}  // namespace cps
