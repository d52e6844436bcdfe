/// Parts of the CPS record that its encoder and its parser share; internal to this folder.
#pragma once

#include <string_view>

#include "cps/cursor.h"
#include "cps/record.h"

namespace cps {

inline constexpr std::uint8_t kTransportKeyVersion = 0x01;  ///< first byte of TKDATA
inline constexpr std::uint8_t kCardDataTag = 0xEF;          ///< data object of DGIs in 3c
inline constexpr std::size_t kMacSize = 4;                  ///< MACINP
inline constexpr std::size_t kAidMin = 5, kAidMax = 16;     ///< ISO/IEC 7816-4, 12.2.3

/// Whether all of `text` is printable ASCII.
bool is_printable(std::string_view text);

/// Appends the length of `part` in `width` bytes, then `part`. Throws std::length_error naming
/// `field` when it is too long for that.
void append_sized(Bytes& to, ByteView part, std::size_t width, const char* field);

/// PDI (EMV CPS 1.1, 2.5). Throws std::length_error as encode_record, std::invalid_argument on an
/// empty statement.
Bytes encode_instructions(const DeviceInstructions& instructions);

/// PDI up to the cursor's end.
DeviceInstructions read_instructions(Cursor& cursor);

/// DGIs up to the cursor's end.
std::vector<Dgi> read_dgis(Cursor& cursor);

}  // namespace cps
