// Cardholder data, which people see masked.
#include "kpd/inspect/decode_value.h"
#include "kpd/inspect/numbers.h"

namespace kpd::inspect {
namespace {

/// The digits of a compressed numeric value, without its padding.
std::string digits_of(ByteView value) {
  std::string digits = emvcrypto::to_hex(value);
  digits.resize(digits.find_last_not_of('F') + 1);
  return digits;
}

/// Tag 57 as encoders write it: PAN=YYMM...
std::string track2_of(ByteView value) {
  std::string track = digits_of(value);
  const std::size_t separator = track.find('D');
  if (separator != std::string::npos) track[separator] = '=';
  return track;
}

std::string masked_iban(const std::string& text, const Mask& mask) {
  constexpr std::size_t kShown = 4;
  if (text.size() <= 2 * kShown) return mask.all(text);
  const std::string_view view = text;
  return std::string(view.substr(0, kShown)) +
         mask.all(view.substr(kShown, text.size() - 2 * kShown)) +
         std::string(view.substr(text.size() - kShown));
}

}  // namespace

std::string decode_cardholder_data(Tag tag, ByteView value, const Mask& mask) {
  const std::string text(emvcrypto::as_text(value));
  switch (tag) {
    case 0x5A: {
      const std::string digits = digits_of(value);
      return digits.size() < kShortestPan ? mask.all(digits) : mask.pan(digits);
    }
    case 0x57:
      return mask.strict_track(track2_of(value));
    case 0x56:
      return mask.strict_track(text.starts_with('B') ? "%" + text : text);
    case 0x5F20:
    case 0x9F0B:
      return mask.name(text);
    case 0x5F53:
      return masked_iban(text, mask);
    case 0x9F1F:
      return mask.all(text);
    case 0x9F20:
      return mask.all(digits_of(value));
    default:
      return mask.open() ? emvcrypto::to_hex(value) : byte_count(value.size()) + ", not shown";
  }
}

}  // namespace kpd::inspect
