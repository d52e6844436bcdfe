#include "kpd/intake/told_record_id.h"

#include <algorithm>

#include "emvcrypto/pan.h"

namespace kpd {
namespace {

constexpr std::size_t kShortestPan = 12, kLongestPan = 19;  // digits

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool may_be_pan(std::string_view digits) {
  return digits.size() >= kShortestPan && digits.size() <= kLongestPan &&
         emvcrypto::luhn_valid(digits);
}

}  // namespace

std::string told_record_id(std::string_view id) {
  std::string run;
  for (const char c : id) {
    if (is_digit(c)) {
      run += c;
    } else if (c != ' ' && c != '-') {
      if (may_be_pan(run)) return {};
      run.clear();
    }
  }
  return may_be_pan(run) ? std::string() : std::string(id);
}

bool holds_pan(std::string_view id, std::string_view pan) {
  std::string digits;
  std::ranges::copy_if(id, std::back_inserter(digits), is_digit);
  return !pan.empty() && digits.find(pan) != std::string::npos;
}

}  // namespace kpd
