/// Applications that do not pay: loyalty, identity, purses, telephony.
#pragma once

#include "kpd/tester/visit.h"

namespace kpd::tester {

/// Selects the application and reads back whatever was prepared for it: its FCI, records, data
/// objects (GET DATA) and files (SELECT, READ BINARY or READ RECORD; ISO/IEC 7816-4). What is
/// secret, or no command gives back, is passed over. Settles the report's `comparison`. False when
/// there is nothing to go on with.
cps::Dialogue<bool> read_plain_application(ApplicationVisit& app);

}  // namespace kpd::tester
