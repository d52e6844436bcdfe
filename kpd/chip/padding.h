/// Filling up to whole blocks, and comparing what must not be learnt byte by byte.
#pragma once

#include <optional>

#include "emvcrypto/bytes.h"

namespace kpd::chip {

using emvcrypto::Bytes;
using emvcrypto::ByteView;

inline constexpr std::size_t kDesBlock = 8;
inline constexpr std::size_t kAesBlock = 16;

/// Appends 80 and then zeros up to a multiple of `block` (ISO/IEC 9797-1, padding method 2).
Bytes padded_80(ByteView data, std::size_t block = kDesBlock);

/// Appends zeros up to a multiple of `block`, none when it is one already (padding method 1).
Bytes padded_zero(ByteView data, std::size_t block = kDesBlock);

/// What stands before 80 00* of at most `block` bytes; nothing when the end is not that.
std::optional<ByteView> without_padding_80(ByteView data, std::size_t block = kDesBlock);

/// Equality in time that depends on the lengths alone.
bool same_bytes(ByteView a, ByteView b);

}  // namespace kpd::chip
