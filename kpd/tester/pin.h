/// Offline PIN (EMV 4.4 Book 3, 6.5.12 and 10.5; Book 2, 7).
#pragma once

#include "kpd/tester/visit.h"

namespace kpd::tester {

/// VERIFY with the PIN in clear and enciphered, as far as the profile wants it, the card's CVM list
/// offers it and a PIN is given. Each way is tried once; the last try is never spent; after a
/// refusal the other way is not tried. False when the card is gone.
cps::Dialogue<bool> verify_pin(ApplicationVisit& app);

}  // namespace kpd::tester
