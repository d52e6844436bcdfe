/// Code lists of ISO 3166-1 and ISO 4217, numeric.
#pragma once

#include <string_view>

namespace kpd {

/// Three digits of ISO 3166-1 numeric.
bool is_country_code(std::string_view digits);

/// Three digits of ISO 4217 numeric.
bool is_currency_code(std::string_view digits);

/// Decimal places of a currency's minor unit (ISO 4217): 2 for most.
int currency_exponent(std::string_view digits);

}  // namespace kpd
