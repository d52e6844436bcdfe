#include "cps/loader.h"

#include "cps/load_visit.h"

namespace cps {
namespace {

constexpr std::size_t kPlannedBlock = 8;  // of SCP02, for which everything is planned first

/// One application on its way.
struct LoadStage {
  const Application& application;
  std::size_t place;  ///< in the record
  std::uint8_t security_level;
  std::vector<StoreDataCommand> commands;
};

/// The stage's commands for a channel of longer blocks.
bool plan_again(LoadVisit& visit, LoadStage& stage, std::size_t block) {
  auto commands = plan_store_data(stage.application, visit.options.profile, block);
  if (!commands) {
    end_load(visit, LoadOutcome::bad_record, 0, commands.error().reason);
    return false;
  }
  stage.commands = *std::move(commands);
  return true;
}

Dialogue<bool> load_application(LoadVisit& visit, LoadStage& stage) {
  auto selection = select_application(visit, stage.application.aid);
  const bool selected = co_await selection;
  if (!selected) co_return false;
  const CardProfile& profile = visit.options.profile;
  auto beginning = begin_session(visit, {kCardRole, profile.key_version, profile.icv_enciphered});
  const std::unique_ptr<emvcrypto::SecureChannel> session = co_await beginning;
  if (!session) co_return false;
  if (session->block_size() != kPlannedBlock && !plan_again(visit, stage, session->block_size()))
    co_return false;
  auto authentication = authenticate(visit, *session, stage.security_level);
  const bool authentic = co_await authentication;
  if (!authentic) co_return false;
  auto storing = store_dgis(visit, stage.application, stage.commands, *session);
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
  for (std::size_t at = 0; at < visit.record.applications.size(); ++at) {
    if (at < visit.options.held.size() && visit.options.held[at]) continue;
    const Application& application = visit.record.applications[at];
    visit.aid = application.aid;
    LoadStage stage{application, at, 0, {}};
    auto commands = plan_store_data(application, visit.options.profile);
    if (!commands) {
      end_load(visit, LoadOutcome::bad_record, 0, commands.error().reason);
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
  LoadVisit visit{record, options, keys, observer, {}, {}};
  std::vector<LoadStage> stages;
  if (!plan(visit, stages)) co_return std::move(visit.result);
  observer.before_first_apdu(record);
  for (LoadStage& stage : stages) {
    visit.application = stage.place;
    auto loading = load_application(visit, stage);
    const bool loaded = co_await loading;
    if (!loaded) co_return std::move(visit.result);
    ++visit.result.applications;
  }
  visit.result.command.clear();
  co_return std::move(visit.result);
}

}  // namespace cps
