/// What commands are called (ISO/IEC 7816-4; GlobalPlatform Card Specification 2.3; EMV).
#pragma once

#include <string_view>

#include "emvcrypto/bytes.h"

namespace kpd {

/// "STORE DATA" for a command's bytes; "command" for one that is not in the table.
std::string_view command_name(emvcrypto::ByteView command);

}  // namespace kpd
