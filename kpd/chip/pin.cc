/// VERIFY (EMV 4.4 Book 3, 6.5.12) and PIN encipherment (Book 2, 7).
#include <algorithm>

#include "kpd/chip/payment_application.h"
#include "kpd/chip/pin_block.h"

namespace kpd::chip {
namespace {

constexpr std::uint8_t kPlaintext = 0x80;
constexpr std::uint8_t kEnciphered = 0x88;
constexpr std::size_t kBlockLength = 8;

}  // namespace

Answer PaymentApplication::verify(const Command& command, ByteView challenge) {
  if (command.p1 != 0 || (command.p2 != kPlaintext && command.p2 != kEnciphered))
    return sw::wrong_parameters;
  if (data_.pin.block.empty()) return sw::data_not_found;
  if (data_.pin.tries == 0) return sw::method_blocked;
  tx_.pin_enciphered = command.p2 == kEnciphered;
  if (tx_.pin_enciphered) return verify_enciphered(command.data, challenge);
  if (command.data.size() != kBlockLength) return sw::wrong_length;
  return is_format_2(command.data) ? compare_pin(Secret(command.data)) : Answer(sw::wrong_data);
}

/// Decipherment and its checks (Book 2, 7.2): a header other than 7F or another unpredictable
/// number is a failed verification and counts as one.
Answer PaymentApplication::verify_enciphered(ByteView cryptogram, ByteView challenge) {
  const RsaCardKey& key = data_.pin_key.is_ready() ? data_.pin_key : data_.icc_key;
  if (!key.is_ready() || challenge.empty()) return sw::conditions;
  if (cryptogram.size() != key.size()) return sw::wrong_length;
  const auto recovered = key.apply(cryptogram);
  if (!recovered) return sw::wrong_data;
  const Secret plain(*recovered);
  const ByteView bytes = plain.expose();
  const bool well_formed = bytes.size() >= 1 + kBlockLength + challenge.size() &&
                           bytes[0] == 0x7F &&
                           std::equal(challenge.begin(), challenge.end(), &bytes[1 + kBlockLength]);
  return compare_pin(well_formed ? Secret(bytes.subspan(1, kBlockLength)) : Secret());
}

/// The try is counted before the comparison, so that a cut of power cannot give it back.
Answer PaymentApplication::compare_pin(const Secret& block) {
  --data_.pin.tries;
  tx_.pin_tried = true;
  tx_.pin_right = data_.pin.block.equals(block);
  if (!tx_.pin_right) return static_cast<Status>(sw::tries_left | data_.pin.tries);
  data_.pin.tries = data_.pin.limit;
  return sw::ok;
}

}  // namespace kpd::chip
