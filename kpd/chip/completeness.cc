/// What a payment application checks before it lets its personalisation be closed.
#include <algorithm>

#include "kpd/chip/dol.h"
#include "kpd/chip/payment_application.h"

namespace kpd::chip {
namespace {

constexpr std::uint8_t kDda = 0x20;       // AIP byte 1
constexpr std::uint8_t kCombined = 0x01;  // AIP byte 1
constexpr std::size_t kLongestAnswer = 256;

/// The length of template 77 with CID, ATC, SDAD and IAD.
std::size_t combined_answer_length(std::size_t signature, std::size_t iad) {
  const std::size_t inner = 4 + 5 + emvcrypto::make_tlv(0x9F4B, Bytes(signature)).size() + 3 + iad;
  return emvcrypto::make_tlv(0x77, Bytes(inner)).size();
}

}  // namespace

bool PaymentApplication::is_complete() {
  return !data_.fci.empty() && !data_.aip.empty() && data_.keys_checked &&
         !data_.issuer_data.empty() && has_all_records(data_.afl) && has_usable_dols() &&
         has_needed_rsa_keys() && has_pin_counters_if_pin() && has_usable_contactless();
}

bool PaymentApplication::has_all_records(ByteView afl) const {
  for (; !afl.empty(); afl = afl.subspan(4))
    for (unsigned number = afl[1]; number <= afl[2]; ++number)
      if (data_.records.find(afl[0] >> 3, static_cast<std::uint8_t>(number)) == nullptr)
        return false;
  return true;
}

bool PaymentApplication::has_usable_dols() const {
  const auto cdol1 = data_.records.find_object(0x8C);
  const auto cdol2 = data_.records.find_object(0x8D);
  if (!cdol1 || !cdol2 || !dol_data_length(*cdol2)) return false;
  const auto pdol = emvcrypto::find_tlv(data_.fci, 0x9F38);
  if (pdol && !dol_data_length(*pdol)) return false;
  const auto entries = emvcrypto::parse_dol(*cdol1);
  if (!entries) return false;
  return std::all_of(kTerminalInput.begin(), kTerminalInput.end(), [&](const auto& wanted) {
    return std::count_if(entries->begin(), entries->end(),
                         [&](const auto& entry) { return entry.tag == wanted.tag; }) == 1 &&
           std::find(entries->begin(), entries->end(), wanted) != entries->end();
  });
}

bool PaymentApplication::has_needed_rsa_keys() {
  const bool dynamic = (data_.aip[0] & (kDda | kCombined)) != 0;
  if (dynamic || data_.icc_key.is_begun()) {
    const auto exponent = data_.records.find_object(0x9F47);
    if (!exponent || !data_.icc_key.build(*exponent)) return false;
    if ((data_.aip[0] & kCombined) != 0 &&
        combined_answer_length(data_.icc_key.size(), data_.issuer_data.size()) > kLongestAnswer)
      return false;
  }
  if (data_.pin_key.is_begun()) {
    const auto exponent = data_.records.find_object(0x9F2E);
    if (!exponent || !data_.pin_key.build(*exponent)) return false;
  }
  return true;
}

bool PaymentApplication::has_pin_counters_if_pin() const {
  return data_.pin.block.empty() || data_.pin.has_counters;
}

}  // namespace kpd::chip
