/// The steps of loading one application and what they share; internal to the loader.
#pragma once

#include "cps/loader.h"

namespace cps {

/// One card's visit, shared by the levels of the dialogue.
struct LoadVisit {
  const Record& record;
  const LoadOptions& options;
  KeyService& keys;
  LoadObserver& observer;
  LoadResult result;
};

/// One application on its way.
struct LoadStage {
  const Application& application;
  std::size_t index;  ///< in the record
  std::uint8_t security_level;
  std::vector<StoreDataCommand> commands;
};

/// The present command as told to the observer.
LoadEvent event_of(const LoadVisit& visit, const LoadStage& stage);

/// Ends the card here.
void end_load(LoadVisit& visit, const LoadStage& stage, LoadOutcome outcome, std::uint16_t status,
              std::string detail = {});

/// Whether the card said 9000; otherwise ends the card, with `outcome` when the card has answered.
bool accepted(LoadVisit& visit, const LoadStage& stage, const Response& response,
              LoadOutcome outcome);

/// What a refusal means while the application is untouched: after 6985 it was personalised before.
LoadOutcome refusal_at_start(const Response& response);

/// SELECT by AID (EMV CPS 1.1, 3.2.3). False when the card ends here, as in all that follow.
Dialogue<bool> select_application(LoadVisit& visit, const LoadStage& stage);

/// INITIALIZE UPDATE, the check of the card's cryptogram, EXTERNAL AUTHENTICATE under the step's
/// SECLEV (3.2.5, 3.2.6); nullptr when the card ends here.
Dialogue<std::unique_ptr<emvcrypto::Scp02Session>> open_session(LoadVisit& visit,
                                                                const LoadStage& stage);

/// All STORE DATA commands of the application (3.2.7).
Dialogue<bool> store_dgis(LoadVisit& visit, const LoadStage& stage,
                          emvcrypto::Scp02Session& session);

}  // namespace cps
