#include "cps/load_visit.h"

namespace cps {
namespace {

constexpr std::uint16_t kDone = 0x9000, kConditions = 0x6985;

}  // namespace

LoadEvent event_of(const LoadVisit& visit) {
  return {visit.aid, visit.result.command, visit.application, visit.record.applications.size(), 0,
          0,         visit.result.chip};
}

void end_load(LoadVisit& visit, LoadOutcome outcome, std::uint16_t status, std::string detail) {
  visit.result.outcome = outcome;
  visit.result.aid = visit.aid;
  visit.result.status = status;
  visit.result.detail = std::move(detail);
}

bool answered(LoadVisit& visit, const Response& response) {
  if (response.kind == Response::Kind::lost)
    end_load(visit, LoadOutcome::card_lost, 0, response.detail);
  else if (response.kind == Response::Kind::broken)
    end_load(visit, LoadOutcome::reader_broken, 0, response.detail);
  else
    return true;
  return false;
}

bool accepted(LoadVisit& visit, const Response& response, LoadOutcome outcome) {
  if (!answered(visit, response)) return false;
  if (response.status() == kDone) return true;
  end_load(visit, outcome, response.status());
  return false;
}

LoadOutcome refusal_at_start(const Response& response) {
  return response.status() == kConditions ? LoadOutcome::already_personalised
                                          : LoadOutcome::refused;
}

}  // namespace cps
