/// The online transaction: first GENERATE AC, the issuer's judgement and answer, issuer
/// authentication, second GENERATE AC (EMV 4.4 Book 3, 9, 10.8-10.10).
#pragma once

#include "kpd/tester/visit.h"

namespace kpd::tester {

/// Asks for an ARQC and has it judged by the issuer's host; where it is right, brings the host's
/// answer to the card and asks for a TC. Without a host it ends with the ARQC. False when the card
/// is gone.
cps::Dialogue<bool> run_transaction(ApplicationVisit& app);

}  // namespace kpd::tester
