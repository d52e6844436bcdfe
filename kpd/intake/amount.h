/// Amounts as people write them.
#pragma once

#include <string>
#include <string_view>

#include "emvcrypto/fault.h"

namespace kpd {

/// "50", "50.00" or "50,00" as a whole number of minor units, without leading zeros. decimals: of
/// the currency's minor unit, 0..4; fewer places may be written, not more. Fault: "format", also
/// for signs, blanks and marks between thousands.
emvcrypto::Expected<std::string> read_amount(std::string_view text, std::size_t decimals);

}  // namespace kpd
