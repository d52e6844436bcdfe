/// Code lists of ISO 3166-1 (countries), ISO 4217 (currencies) and ISO 639-1 (languages).
#pragma once

#include <optional>
#include <string_view>

namespace kpd {

/// The numeric code, 3 digits, of a country given by any of its codes: "826", "GB", "GBR"; empty
/// when there is none.
std::string_view country_code(std::string_view code);

/// The numeric code, 3 digits, of a currency: "978", "EUR"; empty when there is none.
std::string_view currency_code(std::string_view code);

/// Decimal places of a currency's minor unit; nothing when there is no such currency.
std::optional<int> currency_exponent(std::string_view code);

/// Two small letters.
bool is_language_code(std::string_view letters);

}  // namespace kpd
