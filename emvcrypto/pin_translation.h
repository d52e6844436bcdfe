/// PIN blocks from one ISO 9564-1 format to another, in clear: enciphering is the caller's.
#pragma once

#include <string_view>

#include "emvcrypto/fault.h"
#include "emvcrypto/secret.h"

namespace emvcrypto {

/// A clear PIN block. Formats 0 to 3 have 8 bytes; for format 4 the clear PIN field of 16 bytes
/// (pinblock_aes.h) stands here.
struct ClearPinBlock {
  int format = 0;  ///< 0-4
  Secret block;
};

/// The block of a PIN in any format. pan: bound formats 0 and 3 (4 is bound when it is enciphered);
/// random: at least 10 bytes, used by formats 1, 3 and 4. Throws std::invalid_argument on a format
/// or a PIN that is none.
ClearPinBlock make_pin_block(int format, const Secret& pin, std::string_view pan, ByteView random);

/// The PIN of a block in any format. Faults as read_pin_block() in pinblock.h.
Expected<Secret> read_any_pin_block(const ClearPinBlock& block, std::string_view pan);

/// The same PIN in another format, or for another PAN (old cards' PINs moved to new ones). Faults
/// as read_pin_block(); nothing of the PIN is told.
Expected<ClearPinBlock> translate_pin_block(const ClearPinBlock& from, std::string_view from_pan,
                                            int to_format, std::string_view to_pan,
                                            ByteView random);

}  // namespace emvcrypto
