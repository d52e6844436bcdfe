/// Secrets that came with the records, enciphered by the back office.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "emvcrypto/fault.h"
#include "hsm/token.h"
#include "kpd/plan/secret_plan.h"

namespace kpd {

/// Opens secrets of any lengths, all under one key, in one call of the device. The clear secrets
/// are in this process: whoever calls has opened a host window. enciphered: whole blocks of the
/// key's cipher each; std::invalid_argument otherwise.
std::vector<hsm::Secret> open_secrets(hsm::Token& token, const hsm::Key& key,
                                      GivenSecret::Mode mode,
                                      std::span<const hsm::Bytes> enciphered);

/// Whether an opened key can be a card's double-length DES key: its parity (set right where
/// `odd_parity` does not ask for it), its strength, its check value (3 bytes) where one came.
/// Faults "key-parity", "key-weak", "key-kcv". key: 16 bytes.
std::optional<emvcrypto::Fault> check_given_key(hsm::Secret& key, bool odd_parity,
                                                const std::optional<hsm::Bytes>& kcv);

/// A secret without the padding 80 00.. that it ends with; nothing when it ends with none.
std::optional<hsm::Secret> without_padding(const hsm::Secret& padded);

}  // namespace kpd
