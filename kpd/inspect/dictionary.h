/// What bits and codes mean. Each table stands alone in one *_dictionary.cc.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "cps/dgi.h"

namespace kpd::inspect {

/// One bit of a data object: byte from 1, bit 8 (most significant) to 1, as EMV counts them.
struct BitMeaning {
  int byte;
  int bit;
  std::string_view text;
};

/// Application Interchange Profile, tag 82 (EMV 4.4 Book 3, C1).
std::span<const BitMeaning> aip_bits();

/// Application Usage Control, tag 9F07 (EMV 4.4 Book 3, C2).
std::span<const BitMeaning> auc_bits();

/// Terminal Verification Results, tag 95, and Issuer Action Codes (EMV 4.4 Book 3, C5).
std::span<const BitMeaning> tvr_bits();

/// A cardholder verification method, bits 6-1 of a rule's first byte; empty when it is reserved
/// (EMV 4.4 Book 3, C3).
std::string_view cvm_text(std::uint8_t code);

/// When a rule applies, its second byte; empty when it is reserved.
std::string_view cvm_condition_text(std::uint8_t code);

/// What a data grouping is for; empty when it has no common meaning (EMV CPS 1.1, Annex A).
std::string_view dgi_text(cps::DgiId id);

}  // namespace kpd::inspect
