#include "kpd/keys/random_pins.h"

#include <algorithm>
#include <stdexcept>

namespace kpd {
namespace {

constexpr std::size_t kPool = 512;  // bytes a call of the device
// Of 256 values of a byte, the first 250 give each digit 25 times; the others are thrown away.
constexpr std::uint8_t kUnbiased = 250;

/// Whether each digit is the one before it plus `step`, modulo 10.
bool goes_by(hsm::ByteView pin, int step) {
  return std::ranges::adjacent_find(pin, [step](int a, int b) {
           return (a - '0' + step + 10) % 10 != b - '0';
         }) == pin.end();
}

}  // namespace

bool is_weak_pin(const hsm::Secret& pin, const WeakPins& weak) {
  const hsm::ByteView digits = pin.expose();
  if (weak.repeats && goes_by(digits, 0)) return true;
  if (weak.sequences && (goes_by(digits, 1) || goes_by(digits, -1))) return true;
  return std::ranges::any_of(weak.list, [&](const std::string& refused) {
    return std::ranges::equal(digits, emvcrypto::as_bytes(refused));
  });
}

RandomPins::RandomPins(hsm::Token& token, std::size_t length, const WeakPins& weak)
    : token_(token), length_(length), weak_(weak) {
  if (length < 4 || length > 12) throw std::invalid_argument("a PIN has 4 to 12 digits");
}

std::uint8_t RandomPins::digit() {
  for (;;) {
    if (used_ == pool_.size()) {
      pool_ = token_.random_secret(kPool);
      used_ = 0;
    }
    const std::uint8_t byte = pool_.expose()[used_++];
    if (byte < kUnbiased) return static_cast<std::uint8_t>('0' + byte % 10);
  }
}

hsm::Secret RandomPins::draw() {
  hsm::Secret pin(length_);
  do {
    for (std::uint8_t& place : pin.expose_mutable()) place = digit();
  } while (is_weak_pin(pin, weak_));
  return pin;
}

}  // namespace kpd
