/// Dynamic card verification codes of contactless magnetic stripe mode.
#pragma once

#include <string>

#include "emvcrypto/mac.h"

namespace emvcrypto {

/// IVCVC3: the two rightmost bytes of the retail MAC (padding method 2) over a track's static data
/// under the card's CVC3 key.
Bytes ivcvc3(const RetailMacKey& key, ByteView static_track);

/// CVC3, 2 bytes: the rightmost of IVCVC3 | unpredictable number (4 bytes) | ATC (2 bytes) under
/// the card's CVC3 key; readers show it as a decimal number of 5 digits and take its last ones.
/// Throws std::invalid_argument when a length is wrong.
Bytes cvc3(BlockCipher& key, ByteView ivcvc3, ByteView unpredictable, ByteView atc);

/// The static CVC3 of cards that compute none, 2 bytes: CVC3 with zero unpredictable number and
/// counter. Confidence LOW: no public vector shows it. As cvc3().
Bytes static_cvc3(BlockCipher& key, ByteView ivcvc3);

/// The last `digits` (1-5) decimal digits of a CVC3, as a reader puts them into the track.
std::string cvc3_digits(ByteView cvc3, std::size_t digits);

}  // namespace emvcrypto
