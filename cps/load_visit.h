/// One card's visit at a station and the steps that programs of any kind make of it: the loader's
/// own and scripts.
#pragma once

#include "cps/channel.h"
#include "cps/loader.h"

namespace cps {

/// What the steps of a visit share.
struct LoadVisit {
  const Record& record;
  const LoadOptions& options;
  KeyService& keys;
  LoadObserver& observer;
  LoadResult result;
  Bytes aid;                    ///< what is selected; empty: nothing was
  std::size_t application = 0;  ///< place in the record of the application at work
  Bytes key_data = {};          ///< KEYDATA of the chip, 10 bytes; empty before INITIALIZE UPDATE
};

/// The present command as told to the observer.
LoadEvent event_of(const LoadVisit& visit);

/// Ends the card here.
void end_load(LoadVisit& visit, LoadOutcome outcome, std::uint16_t status, std::string detail = {});

/// Whether the card answered at all; otherwise ends it.
bool answered(LoadVisit& visit, const Response& response);

/// Whether the card said 9000; otherwise ends it, with `outcome` when it has answered.
bool accepted(LoadVisit& visit, const Response& response, LoadOutcome outcome);

/// What a refusal means while the application is untouched: after 6985 it was personalised before.
LoadOutcome refusal_at_start(const Response& response);

/// SELECT by AID (EMV CPS 1.1, 3.2.3). False when the card ends here, as in all that follow.
Dialogue<bool> select_application(LoadVisit& visit, Bytes aid);

/// INITIALIZE UPDATE and the check of the card's cryptogram (3.2.5); nullptr when the card ends
/// here.
Dialogue<std::unique_ptr<emvcrypto::SecureChannel>> begin_session(LoadVisit& visit,
                                                                  ChannelRequest request);

/// EXTERNAL AUTHENTICATE at this level (3.2.6).
Dialogue<bool> authenticate(LoadVisit& visit, emvcrypto::SecureChannel& session,
                            std::uint8_t level);

/// These STORE DATA commands of an application of the record (3.2.7). All arguments must live as
/// long as the dialogue.
Dialogue<bool> store_dgis(LoadVisit& visit, const Application& application,
                          const std::vector<StoreDataCommand>& commands,
                          emvcrypto::SecureChannel& session);

}  // namespace cps
