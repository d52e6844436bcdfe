#include "emvcrypto/pvv.h"

#include <algorithm>
#include <stdexcept>

#include "emvcrypto/cvv.h"
#include "emvcrypto/nibbles.h"

namespace emvcrypto {
namespace {

constexpr std::size_t kBlock = 8;
constexpr std::size_t kPanDigits = 11;
constexpr std::size_t kValueDigits = 4;

bool is_digit(unsigned c) {
  return c >= '0' && c <= '9';
}

/// Transformed security parameter: 16 digits.
void place_input(MutableBytes block, const PvvInput& card) {
  const bool good =
      card.pan.size() >= 12 && card.pan.size() <= 19 && std::ranges::all_of(card.pan, is_digit) &&
      is_digit(card.key_index) && card.pin != nullptr && card.pin->size() >= kMinPin &&
      card.pin->size() <= kMaxPin && std::ranges::all_of(card.pin->expose(), is_digit);
  if (!good) throw std::invalid_argument("a PIN verification value is over PAN, PVKI and PIN");
  const std::string_view pan = card.pan.substr(card.pan.size() - 1 - kPanDigits, kPanDigits);
  std::size_t at = 0;
  const auto put = [&](unsigned digit) { set_nibble(block, at++, digit - unsigned{'0'}); };
  for (const char c : pan) put(static_cast<unsigned>(c));
  put(static_cast<unsigned>(card.key_index));
  for (const std::uint8_t c : card.pin->expose().first(kMinPin)) put(c);
}

}  // namespace

std::vector<std::string> pin_verification_values(BlockCipher& pvk,
                                                 std::span<const PvvInput> cards) {
  if (cards.empty()) return {};
  Secret blocks(kBlock * cards.size());
  for (std::size_t i = 0; i < cards.size(); ++i)
    place_input(blocks.expose_mutable().subspan(kBlock * i, kBlock), cards[i]);
  pvk.encrypt(blocks.expose_mutable());
  std::vector<std::string> values;
  values.reserve(cards.size());
  for (std::size_t i = 0; i < cards.size(); ++i)
    values.push_back(decimalise(blocks.expose().subspan(kBlock * i, kBlock), kValueDigits));
  return values;
}

}  // namespace emvcrypto
