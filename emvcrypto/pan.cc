#include "emvcrypto/pan.h"

#include <stdexcept>

namespace emvcrypto {
namespace {

bool all_digits(std::string_view text) {
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

char luhn_digit(std::string_view digits_without_check) {
  if (!all_digits(digits_without_check))
    throw std::invalid_argument("a check digit is wanted for something that is not a number");
  int sum = 0;
  bool doubled = true;
  for (auto it = digits_without_check.rbegin(); it != digits_without_check.rend(); ++it) {
    const int digit = (*it - '0') * (doubled ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
    doubled = !doubled;
  }
  return static_cast<char>('0' + (10 - sum % 10) % 10);
}

bool luhn_valid(std::string_view pan) {
  if (pan.size() < 2 || pan.size() > 19 || !all_digits(pan)) return false;
  return luhn_digit(pan.substr(0, pan.size() - 1)) == pan.back();
}

std::string mask_pan(std::string_view pan) {
  constexpr std::size_t kTail = 4;
  const std::size_t head = pan.size() < 13 ? 0 : 6;
  const std::size_t tail = pan.size() > kTail ? kTail : 0;
  std::string masked(pan);
  for (std::size_t i = head; i < masked.size() - tail; ++i) masked[i] = '*';
  return masked;
}

}  // namespace emvcrypto
