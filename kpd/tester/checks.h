/// Checks of the data that need no dialogue: mandatory objects, lengths, formats, agreement.
#pragma once

#include "kpd/tester/visit.h"

namespace kpd::tester {

/// Checks what the records hold (EMV 4.4 Book 3, 7.2, A1 and 4.3) and fills the report's PAN and
/// PSN.
void check_data(ApplicationVisit& app);

}  // namespace kpd::tester
