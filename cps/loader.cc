#include "cps/loader.h"

#include "cps/load_stage.h"

namespace cps {
namespace {

Dialogue<bool> load_application(LoadVisit& visit, const LoadStage& stage) {
  auto selection = select_application(visit, stage);
  const bool selected = co_await selection;
  if (!selected) co_return false;
  auto opening = open_session(visit, stage);
  const std::unique_ptr<emvcrypto::Scp02Session> session = co_await opening;
  if (!session) co_return false;
  auto storing = store_dgis(visit, stage, *session);
  const bool stored = co_await storing;
  co_return stored;
}

/// Plans every application; false when one of them cannot be loaded.
bool plan(LoadVisit& visit, std::vector<LoadStage>& stages) {
  if (visit.record.applications.empty()) {
    visit.result.outcome = LoadOutcome::bad_record;
    visit.result.detail = "the record has no application";
    return false;
  }
  for (const Application& application : visit.record.applications) {
    LoadStage stage{application, stages.size(), 0, {}};
    auto commands = plan_store_data(application, visit.options.profile);
    if (!commands) {
      end_load(visit, stage, LoadOutcome::bad_record, 0, commands.error().reason);
      return false;
    }
    if (application.steps.size() > 1)
      visit.result.warnings.push_back("application " + emvcrypto::to_hex(application.aid) +
                                      ": optional processing steps are skipped");
    const auto step = personalising_step(application);
    stage.security_level = (*step)->instructions.security_level;
    stage.commands = *std::move(commands);
    stages.push_back(std::move(stage));
  }
  return true;
}

}  // namespace

Dialogue<LoadResult> load_record(const Record& record, const LoadOptions& options, KeyService& keys,
                                 LoadObserver& observer) {
  if (auto failure = check_macs(record, options, keys)) co_return *std::move(failure);
  LoadVisit visit{record, options, keys, observer, {}};
  std::vector<LoadStage> stages;
  if (!plan(visit, stages)) co_return std::move(visit.result);
  observer.before_first_apdu(record);
  for (const LoadStage& stage : stages) {
    auto loading = load_application(visit, stage);
    const bool loaded = co_await loading;
    if (!loaded) co_return std::move(visit.result);
    ++visit.result.applications;
  }
  visit.result.command.clear();
  co_return std::move(visit.result);
}

}  // namespace cps
