/// Initiate application processing and reading of its data (EMV 4.4 Book 3, 10.1 and 10.2).
#pragma once

#include "kpd/tester/visit.h"

namespace kpd::tester {

/// GET PROCESSING OPTIONS with the PDOL filled; keeps AIP and AFL and compares them with what was
/// prepared. False when there is nothing to go on with.
cps::Dialogue<bool> get_processing_options(ApplicationVisit& app);

/// Reads every record that the AFL names and collects their data objects. False when the card is
/// gone or the AFL makes no sense.
cps::Dialogue<bool> read_records(ApplicationVisit& app);

/// READ RECORD as a command (Book 3, 6.5.11).
cps::Command read_record_command(std::uint8_t sfi, std::uint8_t number);

}  // namespace kpd::tester
