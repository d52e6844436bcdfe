/// One script's visit of one card, shared by the steps that requests make of it. Internal to
/// kpd/script.
#pragma once

#include "cps/load_visit.h"
#include "kpd/script/script_card.h"

namespace kpd::script {

using Answer = std::optional<ScriptAnswer>;  ///< nothing: the card ended

struct Visit {
  const ScriptCard& card;
  cps::LoadVisit load;
  std::unique_ptr<emvcrypto::SecureChannel> channel;
  bool touched = false;  ///< a command of the script's own has been announced
};

/// Tells the observer of the command that is about to be sent, when it is the first of the script's
/// own: what such a command does to a card nobody here knows.
void announce(Visit& visit);

/// Ends the card by the script's fault.
Answer at_fault(Visit& visit, std::string why);

/// Data under a key of the card, which the card does not see.
Answer encipher(Visit& visit, const CipherRequest& request);

/// PUT KEY with its answer's check values checked.
cps::Dialogue<Answer> put_key(Visit& visit, PutKeyRequest request);

}  // namespace kpd::script
