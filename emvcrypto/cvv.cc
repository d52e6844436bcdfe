#include "emvcrypto/cvv.h"

#include <algorithm>
#include <stdexcept>

namespace emvcrypto {
namespace {

constexpr std::size_t kBlock = 8;
constexpr std::size_t kDigits = 3;

bool all_digits(std::string_view text, std::size_t min, std::size_t max) {
  return text.size() >= min && text.size() <= max &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// PAN, expiry and service code, zeros on the right to 32 digits.
Bytes input_block(const CvvInput& card) {
  if (!all_digits(card.pan, 12, 19) || !all_digits(card.expiry, 4, 4) ||
      !all_digits(card.service_code, 3, 3))
    throw std::invalid_argument("a card verification value is over PAN, expiry and service code");
  std::string digits(card.pan);
  digits += card.expiry;
  digits += card.service_code;
  digits.resize(4 * kBlock, '0');
  return from_hex(digits);
}

}  // namespace

std::vector<std::string> card_verification_values(const RetailMacKey& cvk,
                                                  std::span<const CvvInput> cards) {
  if (cards.empty()) return {};
  Bytes left;
  Bytes right;
  for (const CvvInput& card : cards) {
    const Bytes block = input_block(card);
    append(left, ByteView(block).first(kBlock));
    append(right, ByteView(block).last(kBlock));
  }
  cvk.left->encrypt(left);
  Bytes results = exclusive_or(left, right);
  cvk.whole->encrypt(results);
  std::vector<std::string> values;
  values.reserve(cards.size());
  for (ByteView rest = results; !rest.empty(); rest = rest.subspan(kBlock))
    values.push_back(decimalise(rest.first(kBlock), kDigits));
  return values;
}

std::string decimalise(ByteView block, std::size_t count) {
  const std::string hex = to_hex(block);
  std::string digits;
  std::string letters;
  for (char c : hex) {
    if (c <= '9')
      digits += c;
    else
      letters += static_cast<char>('0' + (c - 'A'));
  }
  digits += letters;
  if (digits.size() < count) throw std::invalid_argument("a block is too short for its digits");
  digits.resize(count);
  return digits;
}

}  // namespace emvcrypto
