/// What a cryptogram is over, gathered from single values or from TLV.
#pragma once

#include "emvcrypto/cryptogram.h"
#include "kpd/calc/card_key.h"

namespace kpd::calc {

/// Values of a transaction; each may also stand in `tlv` under its tag.
inline constexpr std::array<Parameter, 2> kTransactionParameters{
    hex("atc", "Application transaction counter (9F36)").sized(2).optional(),
    hex("un", "Unpredictable number (9F37)").sized(4).optional()};

/// The value of a hex parameter; where it is absent, that of `tag` in parameter tlv. Fault "usage"
/// when it is in neither.
Expected<Bytes> value_or_tlv(const Arguments& arguments, std::string_view name, emvcrypto::Tag tag);

/// A session key of a version's rule from the card's; its check value goes into the result.
Expected<Secret> version_key(const Arguments& arguments, emvcrypto::SessionKeyRule rule,
                             Result& result);

}  // namespace kpd::calc
