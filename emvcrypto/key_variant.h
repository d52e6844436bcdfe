/// Variants of keys, as HSMs of some makers bind a key to its use.
#pragma once

#include "emvcrypto/secret.h"

namespace emvcrypto {

/// The variant of a DES key: `variant` * 8 XORed into the first byte of each part of 8 bytes. key:
/// 8, 16 or 24 bytes; variant: 0-31. Throws std::invalid_argument otherwise.
Secret key_variant(const Secret& key, unsigned variant);

}  // namespace emvcrypto
