/// Dates as back offices write them: patterns of YYYY or YY, MM, DD and what stands between.
#pragma once

#include <string_view>

#include "emvcrypto/dates.h"
#include "emvcrypto/fault.h"

namespace kpd {

/// What is wrong with a pattern; empty when nothing is. It has one year and one month, and one day
/// exactly when `with_day`.
std::string_view date_pattern_mistake(std::string_view pattern, bool with_day);

/// A date in this pattern; of a pattern without day, the month's last day. YY is 20YY (EMV 4.4
/// Book 3, A1: cards carry no other century). Faults: "length" "format" "month" "day".
emvcrypto::Expected<emvcrypto::Date> read_date(std::string_view text, std::string_view pattern);

}  // namespace kpd
