/// Command APDUs given as bytes.
#pragma once

#include <optional>

#include "kpd/calc/function.h"

namespace kpd::calc {

/// A command of the short form in its parts (ISO/IEC 7816-4, 5.1).
struct CommandParts {
  ByteView header;  ///< CLA INS P1 P2
  ByteView data;
  std::optional<std::uint8_t> le;
};

/// Fault "apdu" when Lc is not what follows. command: at least 4 bytes.
Expected<CommandParts> split_command(ByteView command);

}  // namespace kpd::calc
