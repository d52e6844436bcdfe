/// Whether bytes that came as a DES key can be one.
#pragma once

#include "emvcrypto/bytes.h"

namespace emvcrypto {

/// Whether every byte has an odd number of one bits.
bool has_odd_parity(ByteView key);

/// Whether 8 bytes are one of the weak or semi-weak keys (NIST SP 800-67, 3.3.2). Parity bits do
/// not count. part: 8 bytes, std::invalid_argument otherwise.
bool is_weak_des_part(ByteView part);

/// Whether a double-length key is none: a half that is one of the weak or semi-weak keys (NIST SP
/// 800-67, 3.3.2), or two equal halves. Parity bits do not count. key: 16 bytes,
/// std::invalid_argument otherwise.
bool is_weak_des2_key(ByteView key);

}  // namespace emvcrypto
