/// Offline data authentication (EMV 4.4 Book 2, 5 and 6): the chain of certificates, SDA and DDA.
/// CDA is part of GENERATE AC (generate_ac.h).
#pragma once

#include "kpd/tester/visit.h"

namespace kpd::tester {

/// Verifies the chain from the CA key down with the data read, then SDA where the AIP offers it;
/// keeps the ICC's public keys for DDA, CDA and PIN encipherment. No dialogue.
void verify_certificates(ApplicationVisit& app);

/// DDA by INTERNAL AUTHENTICATE where the AIP offers it (Book 2, 6.5). False when the card is gone.
cps::Dialogue<bool> authenticate_dynamically(ApplicationVisit& app);

/// The ICC dynamic number at the start of ICC dynamic data (Book 2, table 15); nothing when its
/// length is not 2-8 or beyond the data.
std::optional<emvcrypto::Bytes> icc_dynamic_number(emvcrypto::ByteView icc_dynamic_data);

}  // namespace kpd::tester
