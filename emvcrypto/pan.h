/// Primary account numbers (ISO/IEC 7812) and how people may see them.
#pragma once

#include <string>
#include <string_view>

namespace emvcrypto {

/// The Luhn check digit for a number without one ('0'-'9'). digits: decimal only.
char luhn_digit(std::string_view digits_without_check);

/// Whether the last digit is the right check digit; false for anything but 2-19 digits.
bool luhn_valid(std::string_view pan);

/// The PAN as people may see it: first six and last four digits, the rest '*' (PCI DSS 3.4).
/// Shorter than 13 digits: all but the last four are hidden.
std::string mask_pan(std::string_view pan);

}  // namespace emvcrypto
