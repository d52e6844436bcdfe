/// Whether the value of a symmetric key can be trusted to be one.
#pragma once

#include "emvcrypto/fault.h"
#include "emvcrypto/secret.h"

namespace emvcrypto {

/// A DES or 3DES key. Faults: "key-length" (not 8, 16 or 24 bytes), "key-weak" (a part is a weak or
/// semi-weak key, NIST SP 800-67, 3.3.2), "key-parts" (two parts are equal: the key is a shorter
/// one). Parity bits do not count.
Expected<void> check_des_key(const Secret& key);

/// An AES key. Faults: "key-length" (not 16, 24 or 32 bytes), "key-weak" (all bytes are equal),
/// "key-parts" (the two halves are equal).
Expected<void> check_aes_key(const Secret& key);

}  // namespace emvcrypto
