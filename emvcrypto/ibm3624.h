/// PINs that follow from a key and the card (IBM 3624), and the offsets to them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "emvcrypto/cipher.h"

namespace emvcrypto {

/// Whether a text is a decimalisation table: 16 digits, the n-th for hexadecimal digit n. A table
/// of fewer than 8 different digits is none: it would give away PINs.
bool is_decimalisation_table(std::string_view table);

/// The natural PIN of each card: its validation data under the PVK, digit by digit through the
/// table, the `length` leftmost. One call of the cipher. validation: 16 hexadecimal digits each;
/// length: 4-12. Throws std::invalid_argument otherwise.
std::vector<Secret> natural_pins(BlockCipher& pvk, std::span<const std::string> validation,
                                 std::string_view table, std::size_t length);

/// PIN = natural PIN + offset, digit by digit modulo 10. offset: as many digits as the PIN;
/// std::invalid_argument otherwise.
Secret pin_from_offset(const Secret& natural, std::string_view offset);

/// Offset = PIN - natural PIN, digit by digit modulo 10; both of one length.
std::string pin_offset(const Secret& pin, const Secret& natural);

}  // namespace emvcrypto
