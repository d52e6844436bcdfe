/// Status words (ISO/IEC 7816-4, 5.1.3; EMV 4.4 Book 3, 6.3.5) and the answer to a command.
#pragma once

#include <cstdint>
#include <utility>

#include "emvcrypto/bytes.h"

namespace kpd::chip {

using emvcrypto::Bytes;
using emvcrypto::ByteView;

using Status = std::uint16_t;

namespace sw {
inline constexpr Status ok = 0x9000;
inline constexpr Status more_waits = 0x6100;  ///< the low byte counts what GET RESPONSE gives
inline constexpr Status end_of_file = 0x6282;
inline constexpr Status blocked_application = 0x6283;
inline constexpr Status authentication_failed = 0x6300;
inline constexpr Status more_data = 0x6310;
inline constexpr Status tries_left = 0x63C0;  ///< the low four bits count
inline constexpr Status wrong_length = 0x6700;
inline constexpr Status chain_broken = 0x6883;  ///< the last command of a chain was expected
inline constexpr Status no_chaining = 0x6884;
inline constexpr Status wrong_file_kind = 0x6981;
inline constexpr Status security = 0x6982;
inline constexpr Status method_blocked = 0x6983;
inline constexpr Status conditions = 0x6985;
inline constexpr Status no_current_file = 0x6986;
inline constexpr Status wrong_secure_messaging = 0x6988;
inline constexpr Status wrong_data = 0x6A80;
inline constexpr Status not_supported = 0x6A81;
inline constexpr Status not_found = 0x6A82;
inline constexpr Status record_not_found = 0x6A83;
inline constexpr Status no_memory = 0x6A84;
inline constexpr Status wrong_parameters = 0x6A86;
inline constexpr Status data_not_found = 0x6A88;
inline constexpr Status file_exists = 0x6A89;
inline constexpr Status name_exists = 0x6A8A;
inline constexpr Status wrong_offset = 0x6B00;
inline constexpr Status other_length = 0x6C00;  ///< the low byte is the right Le
inline constexpr Status unknown_instruction = 0x6D00;
inline constexpr Status unknown_class = 0x6E00;
}  // namespace sw

/// The answer to one command: data and status; a bare status converts.
struct Answer {
  Answer(Status only)
      : status(only) {}  // NOLINT(google-explicit-constructor): reads as "return sw::ok"
  explicit Answer(Bytes bytes, Status with = sw::ok) : data(std::move(bytes)), status(with) {}

  Bytes data;
  Status status;

  /// Data, then the two status bytes.
  Bytes encoded() const {
    Bytes bytes = data;
    emvcrypto::append_number(bytes, status, 2);
    return bytes;
  }
};

}  // namespace kpd::chip
