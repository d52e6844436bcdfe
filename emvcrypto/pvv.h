/// PIN verification values: four digits that let an issuer check a PIN by key and PAN.
#pragma once

#include <string>
#include <vector>

#include "emvcrypto/cipher.h"

namespace emvcrypto {

/// One card's input.
struct PvvInput {
  std::string_view pan;         ///< 12-19 digits; the check digit does not count
  char key_index = '1';         ///< PVKI, a digit
  const Secret* pin = nullptr;  ///< ASCII digits, 4-12; the first four count
};

/// Four digits for each input, in one call of the cipher: the 11 rightmost PAN digits before the
/// check digit | PVKI | PIN, under the double-length PVK, decimalised digits first. Throws
/// std::invalid_argument for an input that is not as said.
std::vector<std::string> pin_verification_values(BlockCipher& pvk, std::span<const PvvInput> cards);

}  // namespace emvcrypto
