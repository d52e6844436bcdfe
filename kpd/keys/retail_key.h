/// Retail MAC keys (ISO/IEC 9797-1, algorithm 3) that live in a device.
#pragma once

#include <memory>

#include "emvcrypto/mac.h"
#include "hsm/token.h"

namespace kpd {

/// The double-length key that `master` gives by enciphering `input16` (two blocks, ECB), in both
/// faces: the whole as DES2, its left half as DES3 (KL, KL, KL), since devices refuse single DES.
/// Both are session keys that may only encrypt and never leave the device; they go with the result.
/// Serves UDKs and session keys of EMV 4.4 Book 2, A1.3-A1.4. master: DES2 or DES3 that may derive.
/// Throws std::invalid_argument unless input16 has 16 bytes; hsm::Error comes through.
emvcrypto::RetailMacKey derived_retail_key(std::shared_ptr<hsm::Token> token,
                                           const hsm::Key& master, emvcrypto::ByteView input16);

}  // namespace kpd
