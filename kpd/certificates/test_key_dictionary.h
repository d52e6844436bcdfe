/// Test keys that are published: their hashes. Internal to kpd/certificates.
#pragma once

#include <span>
#include <string_view>

namespace kpd {

struct KnownTestKey {
  std::string_view hash;     ///< SHA-1 of RID, index, modulus, exponent; empty for issuers' keys
  std::string_view modulus;  ///< SHA-256 of the modulus
};

std::span<const KnownTestKey> known_test_keys();

}  // namespace kpd
