#include "emvcrypto/ibm3624.h"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "emvcrypto/nibbles.h"

namespace emvcrypto {
namespace {

constexpr std::size_t kBlock = 8;
constexpr std::size_t kTableSize = 16;
constexpr std::size_t kLeastDifferentDigits = 8;

bool all_digits(std::string_view text) {
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

bool is_decimalisation_table(std::string_view table) {
  return table.size() == kTableSize && all_digits(table) &&
         std::set<char>(table.begin(), table.end()).size() >= kLeastDifferentDigits;
}

std::vector<Secret> natural_pins(BlockCipher& pvk, std::span<const std::string> validation,
                                 std::string_view table, std::size_t length) {
  if (!is_decimalisation_table(table) || length < kMinPin || length > kMaxPin)
    throw std::invalid_argument("a natural PIN needs a decimalisation table and 4 to 12 digits");
  Secret blocks(kBlock * validation.size());
  const MutableBytes all = blocks.expose_mutable();
  for (std::size_t i = 0; i < validation.size(); ++i) {
    const Bytes data = from_hex(validation[i]);
    if (data.size() != kBlock)
      throw std::invalid_argument("validation data has 16 hexadecimal digits");
    std::ranges::copy(data, all.subspan(kBlock * i).begin());
  }
  if (!all.empty()) pvk.encrypt(all);
  std::vector<Secret> pins;
  pins.reserve(validation.size());
  for (std::size_t i = 0; i < validation.size(); ++i) {
    Secret pin(length);
    for (std::size_t digit = 0; digit < length; ++digit)
      pin.expose_mutable()[digit] =
          static_cast<std::uint8_t>(table[nibble(all.subspan(kBlock * i, kBlock), digit)]);
    pins.push_back(std::move(pin));
  }
  return pins;
}

Secret pin_from_offset(const Secret& natural, std::string_view offset) {
  if (offset.size() != natural.size() || !all_digits(offset))
    throw std::invalid_argument("an offset has as many digits as its PIN");
  Secret pin = natural.duplicate();
  for (std::size_t i = 0; i < pin.size(); ++i) {
    const int sum = pin.expose()[i] - '0' + offset[i] - '0';
    pin.expose_mutable()[i] = static_cast<std::uint8_t>('0' + sum % 10);
  }
  return pin;
}

std::string pin_offset(const Secret& pin, const Secret& natural) {
  if (pin.size() != natural.size())
    throw std::invalid_argument("an offset is between PINs of one length");
  std::string offset(pin.size(), '0');
  for (std::size_t i = 0; i < offset.size(); ++i)
    offset[i] = static_cast<char>('0' + (pin.expose()[i] - natural.expose()[i] + 10) % 10);
  return offset;
}

}  // namespace emvcrypto
