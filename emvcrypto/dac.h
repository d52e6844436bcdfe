/// The data authentication code (tag 9F45) that an issuer signs into its static data.
#pragma once

#include <string_view>

#include "emvcrypto/cipher.h"

namespace emvcrypto {

/// The code of one card, 2 bytes: the leftmost of the 16 rightmost digits of PAN | PSN, enciphered
/// under the issuer's IMK-DAC (3DES). pan: 1-19 digits; psn: 2 digits. EMV leaves the code to the
/// issuer; this is what HSMs compute. Confidence MED. Throws std::invalid_argument on other
/// lengths.
Bytes data_authentication_code(BlockCipher& imk_dac, std::string_view pan, std::string_view psn);

}  // namespace emvcrypto
