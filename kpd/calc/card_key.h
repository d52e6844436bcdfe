/// The card's key, which many functions start from: given as such, or derived from an issuer's.
#pragma once

#include "kpd/calc/function.h"

namespace kpd::calc {

/// --udk, or --imk with --pan, --psn and --option.
inline constexpr std::array<Parameter, 5> kCardKeyParameters{
    key("udk", "Card key (UDK)").optional(),
    key("imk", "Issuer master key (IMK); with pan and psn instead of udk").optional(),
    pan().optional(), psn(),
    choice("option", "A B", "Derivation of the card key from the IMK").or_else("A")};

/// The card's 3DES key, 16 bytes; its check value goes into the result. Fault "usage" unless there
/// is exactly one of udk and imk, and the PAN with the latter.
Expected<Secret> card_key(const Arguments& arguments, Result& result);

}  // namespace kpd::calc
