/// A script driven against a card: the same visit, the same results as the loader's own.
#pragma once

#include "cps/loader.h"
#include "kpd/script/script_machine.h"

namespace kpd {

/// Checks the record's MACs, then runs the script's personalise() for the card. Secrets go from
/// their transport key to the session's DEK just before the command that carries them. A refusal
/// that the script does not name as `ok` ends the card. `observer` is told as by the loader, and
/// before the first command of the script's own (card.send, card.transmit, channel.send), whatever
/// it is, by the name that the script gave it: it may be a script's words. The result is the
/// loader's; script_failed when the script is at fault. All arguments must live as long as the
/// dialogue.
cps::Dialogue<cps::LoadResult> run_script(ScriptMachine& machine, const ScriptCard& card,
                                          const cps::LoadOptions& options, cps::KeyService& keys,
                                          cps::LoadObserver& observer);

/// An application of the record as a script wants it stored.
struct StorePlan {
  cps::Application application;  ///< its DGIs in the order asked for
  std::vector<cps::StoreDataCommand> commands;
};

/// The plan of a request, for a channel whose cipher has blocks of so many bytes. The record's own
/// ORDER and GROUP go before the script's wishes. Fault "store-data".
emvcrypto::Expected<StorePlan> plan_request(const StoreRequest& request, const cps::Record& record,
                                            cps::CardProfile profile, std::size_t block);

/// What a command is called: its name, or its header in hexadecimal.
std::string name_of(const SendRequest& request);

}  // namespace kpd
