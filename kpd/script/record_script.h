/// Commands for a card that its record carries as text.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "emvcrypto/bytes.h"
#include "emvcrypto/fault.h"

namespace kpd {

/// A command and the statuses with which its card goes on.
struct RecordCommand {
  std::size_t line = 0;  ///< of the text, from 1
  emvcrypto::Bytes bytes;
  std::vector<std::uint16_t> ok = {0x9000};
};

/// A line is a command in hexadecimal, blanks allowed, which "-> 9000 6283" may follow; "#" begins
/// a comment. Fault "record-script" with the line, which it does not quote.
emvcrypto::Expected<std::vector<RecordCommand>> parse_record_script(std::string_view text);

}  // namespace kpd
