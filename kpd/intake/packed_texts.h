/// Several texts as one byte string.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "emvcrypto/bytes.h"

namespace kpd {

/// Length, 4 bytes, and bytes of each; no two lists of texts are packed alike.
emvcrypto::Bytes pack(std::span<const std::string_view> texts);

/// The same backwards. packed: from pack().
std::vector<std::string> unpack(emvcrypto::ByteView packed);

}  // namespace kpd
