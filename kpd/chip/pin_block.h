/// PIN blocks as a chip meets them (ISO 9564-1; EMV 4.4 Book 3, 6.5.12).
#pragma once

#include <optional>

#include "emvcrypto/bytes.h"
#include "emvcrypto/secret.h"

namespace kpd::chip {

using emvcrypto::ByteView;
using emvcrypto::Secret;

/// The format 2 block of a PIN that came in format 2 or 1; nothing when it is neither, its length
/// is not 4-12, or a digit or filler is wrong.
std::optional<Secret> reference_pin_block(ByteView block);

/// Whether these 8 bytes are a format 2 block: 2 | length 4-12 | digits | F*.
bool is_format_2(ByteView block);

}  // namespace kpd::chip
