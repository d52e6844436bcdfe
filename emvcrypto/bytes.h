/// Byte strings, their hexadecimal form and views of them.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace emvcrypto {

using Bytes = std::vector<std::uint8_t>;
using ByteView = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

/// Upper-case hexadecimal, two digits a byte.
std::string to_hex(ByteView bytes);

/// Bytes of a hexadecimal text of even length, either case, no blanks; nothing when it is not one.
std::optional<Bytes> parse_hex(std::string_view text);

/// As parse_hex, for constants and data that are known to be right; throws std::invalid_argument.
Bytes from_hex(std::string_view text);

/// Appends `tail` to `to`.
void append(Bytes& to, ByteView tail);

/// All parts, one after the other.
Bytes concat(std::initializer_list<ByteView> parts);

/// The bytes of a text.
ByteView as_bytes(std::string_view text);

/// The text that these bytes are.
std::string_view as_text(ByteView bytes);

/// a XOR b; both of one length (std::invalid_argument otherwise).
Bytes exclusive_or(ByteView a, ByteView b);

/// Appends `value` as `width` bytes, most significant first; throws std::invalid_argument over 16.
void append_number(Bytes& to, std::uint64_t value, std::size_t width);

/// A number of up to 8 bytes, most significant first.
std::uint64_t to_number(ByteView bytes);

/// Compressed numeric: digits two a byte, padded on the right with F to `width` bytes
/// (EMV 4.4 Book 3, 4.3 "cn"). Throws std::invalid_argument on a non-digit or too many digits.
Bytes compressed_numeric(std::string_view digits, std::size_t width);

/// Numeric: digits two a byte, padded on the left with 0 to `width` bytes
/// (EMV 4.4 Book 3, 4.3 "n"). Throws std::invalid_argument on a non-digit or too many digits.
Bytes numeric(std::string_view digits, std::size_t width);

}  // namespace emvcrypto
