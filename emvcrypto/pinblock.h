/// PIN blocks of 8 bytes (ISO 9564-1, formats 0 to 3): clear layouts only; enciphering is the
/// caller's. The block of 16 bytes is in pinblock_aes.h.
#pragma once

#include <string_view>

#include "emvcrypto/bytes.h"
#include "emvcrypto/fault.h"
#include "emvcrypto/secret.h"

namespace emvcrypto {

/// Format 0: 0 | length | PIN | F.. XOR 0000 | 12 rightmost PAN digits without the check digit.
/// pin: 4-12 digits. Returns 8 bytes. Throws std::invalid_argument on a PIN that is none.
Secret pin_block_0(const Secret& pin, std::string_view pan);

/// Format 1: 1 | length | PIN | random fill; `random` gives at least 7 bytes.
Secret pin_block_1(const Secret& pin, ByteView random);

/// Format 2, as chips take it (also EMV 4.4 Book 3, 6.5.12): 2 | length | PIN | F...
Secret pin_block_2(const Secret& pin);

/// Format 3: as 0 with a fill of random digits A-F drawn from `random` (at least 10 bytes).
Secret pin_block_3(const Secret& pin, std::string_view pan, ByteView random);

/// The PIN (ASCII digits) of a clear block. Faults: "pin-format" (another control digit),
/// "pin-length" (not 4-12), "pin-block" (digits or fill are wrong: the block is for another PAN,
/// or the key is wrong). `pan` is used by formats 0 and 3.
Expected<Secret> read_pin_block(int format, const Secret& block, std::string_view pan);

}  // namespace emvcrypto
