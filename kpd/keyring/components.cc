#include "kpd/keyring/components.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "emvcrypto/cipher.h"
#include "emvcrypto/key_check.h"

namespace kpd {
namespace {

using emvcrypto::Expected;
using emvcrypto::fault;
using hsm::Secret;

constexpr std::size_t kGroup = 4;  // digits that people read at once

/// The digit's value; 16 for what is none.
std::uint8_t nibble(std::uint8_t c) {
  if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
  if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
  if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
  return 16;
}

void add(Secret& to, const Secret& component) {
  const auto bytes = to.expose_mutable();
  std::ranges::transform(bytes, component.expose(), bytes.begin(), std::bit_xor<>());
}

}  // namespace

Expected<Secret> parse_component(const Secret& typed, KeyAlgorithm algorithm) {
  Secret component(key_size(algorithm));
  const auto bytes = component.expose_mutable();
  const std::size_t wanted = 2 * bytes.size();
  std::size_t digits = 0;
  std::uint8_t all = 0;
  for (const std::uint8_t c : typed.expose()) {
    if (c == ' ' || c == '-') continue;
    const std::uint8_t value = nibble(c);
    if (value > 15)
      return fault("component-digits", "a component is written with the digits 0-9 and A-F");
    if (digits < wanted) {
      bytes[digits / 2] = static_cast<std::uint8_t>(bytes[digits / 2] << 4 | value);
      all |= is_des(algorithm) && digits % 2 == 1 ? value & 0x0E : value;
    }
    ++digits;
  }
  if (digits != wanted)
    return fault("component-length",
                 fmt::format("{} digits came, a component of this key has {}", digits, wanted));
  if (all == 0)
    return fault("component-zero", "a component of zeros leaves the key to the other custodians");
  return component;
}

bool same_component(const Secret& one, const Secret& other, KeyAlgorithm algorithm) {
  Secret a = one.duplicate(), b = other.duplicate();
  if (is_des(algorithm))
    for (Secret* each : {&a, &b}) emvcrypto::set_odd_parity(each->expose_mutable());
  return a.equals(b);
}

Secret combine(std::span<const Secret> components, KeyAlgorithm algorithm) {
  if (components.size() < 2) throw std::invalid_argument("a key has at least two components");
  Secret key(key_size(algorithm));
  for (const Secret& component : components) {
    if (component.size() != key.size())
      throw std::invalid_argument("a component has the size of its key");
    add(key, component);
  }
  if (is_des(algorithm)) emvcrypto::set_odd_parity(key.expose_mutable());
  return key;
}

Expected<void> check_strength(const Secret& key, KeyAlgorithm algorithm, const KeyRole& role) {
  auto checked = is_des(algorithm) ? emvcrypto::check_des_key(key) : emvcrypto::check_aes_key(key);
  if (!checked && checked.error().code == "key-parts" && role.equal_halves) return {};
  return checked;
}

std::vector<Secret> draw_components(hsm::Token& token, KeyAlgorithm algorithm, std::size_t count) {
  std::vector<Secret> components;
  for (std::size_t i = 0; i < count; ++i) {
    components.push_back(token.random_secret(key_size(algorithm)));
    if (is_des(algorithm)) emvcrypto::set_odd_parity(components.back().expose_mutable());
  }
  return components;
}

Secret component_text(const Secret& component) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const std::size_t digits = 2 * component.size();
  Secret text(digits + (digits - 1) / kGroup);
  std::size_t at = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    if (i > 0 && i % kGroup == 0) text.expose_mutable()[at++] = ' ';
    const std::uint8_t byte = component.expose()[i / 2];
    text.expose_mutable()[at++] =
        static_cast<std::uint8_t>(kDigits[i % 2 == 0 ? byte >> 4 : byte & 0x0F]);
  }
  return text;
}

}  // namespace kpd
