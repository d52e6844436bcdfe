/// Hexadecimal as people type it.
#pragma once

#include "emvcrypto/fault.h"
#include "emvcrypto/secret.h"

namespace kpd::calc {

/// Bytes of hexadecimal digits; blanks, line ends and colons between them do not count. Fault
/// "usage" says where it is none, without a digit of it.
emvcrypto::Expected<emvcrypto::Secret> read_hex(const emvcrypto::Secret& text);

}  // namespace kpd::calc
