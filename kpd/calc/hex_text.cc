#include "kpd/calc/hex_text.h"

#include <fmt/format.h>

namespace kpd::calc {

using emvcrypto::Expected;
using emvcrypto::Secret;

namespace {

bool is_blank(std::uint8_t c) {
  return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == ':';
}

/// The value of a hexadecimal digit; 16 for anything else.
unsigned digit_value(std::uint8_t c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10U;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10U;
  return 16;
}

}  // namespace

Expected<Secret> read_hex(const Secret& text) {
  Secret bytes((text.size() + 1) / 2);
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const std::uint8_t c = text.expose()[i];
    if (is_blank(c)) continue;
    const unsigned value = digit_value(c);
    if (value > 15)
      return emvcrypto::fault("usage", fmt::format("character {} is no hexadecimal digit", i + 1));
    std::uint8_t& byte = bytes.expose_mutable()[digits / 2];
    byte = static_cast<std::uint8_t>(byte << 4 | value);
    ++digits;
  }
  if (digits % 2 != 0)
    return emvcrypto::fault(
        "usage", fmt::format("{} hexadecimal digits are no whole bytes: one is missing or too many",
                             digits));
  return Secret(bytes.expose().first(digits / 2));
}

}  // namespace kpd::calc
