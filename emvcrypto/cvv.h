/// Card verification values on the stripe and in the chip's track 2 image.
#pragma once

#include <string>
#include <vector>

#include "emvcrypto/mac.h"

namespace emvcrypto {

/// One card's input. The service code decides which value it is: the stripe's own (CVV), 999
/// (iCVV), 000 (CVV2).
struct CvvInput {
  std::string_view pan;           ///< 12-19 digits
  std::string_view expiry;        ///< 4 digits, YYMM on the stripe
  std::string_view service_code;  ///< 3 digits
};

/// Three digits for each input. `cvk`: key A as `left`, A|B as `whole`. Two calls of the cipher for
/// the whole list. The 32-digit block is PAN | expiry | service code padded with zeros; E_A of the
/// left half, XOR right half, then E_A D_B E_A, decimalised digits first.
std::vector<std::string> card_verification_values(const RetailMacKey& cvk,
                                                  std::span<const CvvInput> cards);

/// The first `count` decimal digits of a block, then its A-F less ten.
/// Throws std::invalid_argument when the block has fewer hexadecimal digits than that.
std::string decimalise(ByteView block, std::size_t count);

}  // namespace emvcrypto
