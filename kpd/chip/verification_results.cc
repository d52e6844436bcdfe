/// Card verification results and issuer application data (9F10) in the layouts.
#include <algorithm>

#include "kpd/chip/payment_application.h"

namespace kpd::chip {
namespace {

using Issuer = Transaction::IssuerAuthentication;

/// A bit that is set when its condition holds.
constexpr unsigned flag(bool condition, unsigned bit) {
  return condition ? 1U << (bit - 1) : 0U;
}

/// Two bits: 00 AAC, 01 TC, 10 ARQC or, for the second, not requested.
unsigned type_bits(std::optional<AcType> type) {
  return type ? static_cast<unsigned>(*type) >> 6U : 2U;
}

template <typename... Parts>
std::uint8_t joined(Parts... parts) {
  return static_cast<std::uint8_t>((0U | ... | parts));
}

}  // namespace

/// The personalised 9F10 with the verification results of this moment in their place.
Bytes PaymentApplication::issuer_application_data(AcType first, std::optional<AcType> second,
                                                  bool unable_online, bool combined) const {
  const Bytes cvr = config_.iad == IadLayout::cvr4
                        ? verification_results_4(first, second, unable_online)
                    : config_.iad == IadLayout::cvr5
                        ? verification_results_5(first, second, unable_online, combined)
                        : verification_results_6(first, second, unable_online, combined);
  Bytes iad = data_.issuer_data;
  std::copy(cvr.begin(), cvr.end(),
            iad.begin() + static_cast<std::ptrdiff_t>(shape_of(config_.iad).cvr_at));
  return iad;
}

/// 03 | cryptograms, issuer and PIN | history and limits | scripts and dynamic signature.
Bytes PaymentApplication::verification_results_4(AcType first, std::optional<AcType> second,
                                                 bool unable_online) const {
  const bool online_answer = second && !unable_online;
  const bool no_tries = !data_.pin.block.empty() && data_.pin.tries == 0;
  return {0x03,
          joined(type_bits(second) << 6U, type_bits(first) << 4U,
                 flag(tx_.issuer == Issuer::failed, 4), flag(tx_.pin_tried, 3),
                 flag(tx_.pin_tried && !tx_.pin_right, 2), flag(unable_online, 1)),
          joined(flag(!second && data_.online_unfinished, 8), flag(no_tries, 7),
                 flag(beyond_lower_limit() || beyond_upper_limit(), 6), flag(is_new(), 5),
                 flag(data_.issuer_authentication_failed, 4),
                 flag(online_answer && tx_.issuer == Issuer::none, 3)),
          joined(std::min<unsigned>(data_.scripts, 15) << 4U, flag(data_.script_failed, 4),
                 flag(tx_.dynamic_signature, 2))};
}

/// Format A (EMV 4.4 Book 3, C7.3): cryptograms, signatures and issuer | PIN | limits | scripts and
/// online | 0.
Bytes PaymentApplication::verification_results_5(AcType first, std::optional<AcType> second,
                                                 bool unable_online, bool combined) const {
  const bool online_answer = second && !unable_online;
  const bool no_tries = !data_.pin.block.empty() && data_.pin.tries == 0;
  return {
      joined(type_bits(second) << 6U, type_bits(first) << 4U, flag(combined, 4),
             flag(tx_.dynamic_signature, 3), flag(online_answer && tx_.issuer == Issuer::none, 2),
             flag(tx_.issuer == Issuer::failed, 1)),
      joined((data_.pin.tries & 0x0FU) << 4U, flag(tx_.pin_tried, 4),
             flag(tx_.pin_tried && !tx_.pin_right, 3), flag(no_tries, 2),
             flag(!second && data_.online_unfinished, 1)),
      joined(flag(beyond_lower_limit(), 8), flag(beyond_upper_limit(), 7)),
      joined(std::min<unsigned>(data_.scripts, 15) << 4U, flag(data_.script_failed, 4),
             flag(data_.go_online, 2), flag(unable_online, 1)),
      0x00};
}

/// Cryptograms and PIN | signatures and issuer | counters | PIN and online | limits and scripts |
/// 0.
Bytes PaymentApplication::verification_results_6(AcType first, std::optional<AcType> second,
                                                 bool unable_online, bool combined) const {
  const bool no_tries = !data_.pin.block.empty() && data_.pin.tries == 0;
  return {
      joined(type_bits(second) << 6U, type_bits(first) << 4U, flag(tx_.pin_tried, 3),
             flag(tx_.pin_tried && tx_.pin_enciphered, 2), flag(tx_.pin_tried && tx_.pin_right, 1)),
      joined(flag(tx_.dynamic_signature, 8), flag(combined && !second, 7),
             flag(combined && second, 6), flag(tx_.issuer != Issuer::none, 5)),
      joined(std::min<unsigned>(data_.scripts, 15) << 4U, data_.pin.tries & 0x0FU),
      joined(flag(unable_online, 7), flag(!tx_.pin_tried, 6),
             flag(tx_.pin_tried && !tx_.pin_right, 5), flag(no_tries, 4)),
      joined(flag(beyond_lower_limit(), 8), flag(beyond_upper_limit(), 7),
             flag(data_.go_online || (!second && data_.online_unfinished), 4),
             flag(tx_.issuer == Issuer::failed || data_.issuer_authentication_failed, 3),
             flag(data_.scripts > 0, 2), flag(data_.script_failed, 1)),
      0x00};
}

}  // namespace kpd::chip
