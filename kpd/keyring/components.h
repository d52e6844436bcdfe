/// Components of keys: parts that custodians hold, whose XOR is the key.
#pragma once

#include <span>
#include <vector>

#include "emvcrypto/fault.h"
#include "hsm/token.h"
#include "kpd/keyring/roles.h"

namespace kpd {

/// Reads what a custodian typed: hexadecimal, blanks between groups allowed, as long as the key.
/// Faults "component-digits", "component-length", "component-zero" (but for parity bits of DES
/// keys: it would leave the key to the others).
emvcrypto::Expected<hsm::Secret> parse_component(const hsm::Secret& typed, KeyAlgorithm algorithm);

/// Whether two components cancel each other out; parity bits of DES keys say nothing. Of three
/// components without such a pair, and none of zeros, no fewer give the key.
bool same_component(const hsm::Secret& one, const hsm::Secret& other, KeyAlgorithm algorithm);

/// The key: the XOR of all components, with odd parity where it is a DES key. At least two, all of
/// the key's size; std::invalid_argument otherwise.
hsm::Secret combine(std::span<const hsm::Secret> components, KeyAlgorithm algorithm);

/// Whether a clear key is fit for its role. Faults "key-length", "key-weak", "key-parts" (parts of
/// it are equal, unless the role is for that).
emvcrypto::Expected<void> check_strength(const hsm::Secret& key, KeyAlgorithm algorithm,
                                         const KeyRole& role);

/// A key by chance in `count` components, out of the token's generator.
std::vector<hsm::Secret> draw_components(hsm::Token& token, KeyAlgorithm algorithm,
                                         std::size_t count);

/// Components as people write them: groups of four digits.
hsm::Secret component_text(const hsm::Secret& component);

}  // namespace kpd
