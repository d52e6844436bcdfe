/// Asking a chip what it holds of a record.
#pragma once

#include "cps/dialogue.h"
#include "cps/record.h"
#include "kpd/station/identify.h"

namespace kpd {

enum class Held {
  unknown,  ///< the chip tells nothing, or has other applications
  nothing,  ///< every application waits for its personalisation
  part,     ///< some are personalised
  all       ///< every one is
};

/// What a chip says of the applications of a record.
struct HeldAnswer {
  Held held = Held::unknown;
  std::vector<bool> personalised;  ///< by the record's applications
  Bytes chip;                      ///< KEYDATA, where an application gave it
  CardIdentity identity;           ///< where any is personalised
};

/// Where the card of a record tells who it is.
IdentityPlan identity_plan(const cps::Record& record);

/// SELECT and INITIALIZE UPDATE for each application of the record: one that is personalised
/// refuses it (EMV CPS 1.1, 3.2.5), one that is not gives KEYDATA. Where any is personalised, who
/// the card is. Changes nothing that the card keeps, but for a transaction counter. `challenge`: 8
/// bytes. All arguments must live as long as the dialogue.
cps::Dialogue<HeldAnswer> ask_what_it_holds(const cps::Record& record, const Bytes& challenge);

}  // namespace kpd
