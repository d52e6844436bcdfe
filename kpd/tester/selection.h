/// Application selection (EMV 4.4 Book 1, 12): the payment system environment and AIDs by name.
#pragma once

#include "kpd/tester/visit.h"

namespace kpd::tester {

/// Whether a name is a directory's (PSE or PPSE), not a payment application's.
bool is_directory_name(emvcrypto::ByteView aid);

/// Whether it is the PSE's own.
bool is_pse_name(emvcrypto::ByteView aid);

/// Selects the PSE, reads its directory until 6A83 and compares both with what was prepared.
/// Returns the AIDs listed, in the directory's order, each once. A missing PSE is an error where
/// the profile or the prepared data want one.
cps::Dialogue<std::vector<emvcrypto::Bytes>> read_pse(Visit& visit);

/// Selects another prepared directory by its name and compares its FCI. False when that failed.
cps::Dialogue<bool> check_directory(Visit& visit, const cps::Application& prepared);

/// Selects the application by its full AID; its FCI is checked and kept. False when there is
/// nothing to go on with.
cps::Dialogue<bool> select_application(ApplicationVisit& app);

}  // namespace kpd::tester
