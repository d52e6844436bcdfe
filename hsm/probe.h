/// Operations that a device may or may not really have, each with a way to try it.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "hsm/token.h"

namespace hsm {

/// One operation that Token::works and Token::probe can try.
struct ProbeInfo {
  std::string name;       ///< "CKM_DES3_ECB", "CKM_DES3_ECB unwrap generic", "RSA 1408 e=3"
  std::string group;      ///< "ciphers", "wrapping", "paths", "RSA", "check values", "rules"
  std::string mechanism;  ///< that the device must list for it; empty: none
};

/// All of them, in the order of their groups. RSA of other lengths can be tried too: "RSA 1280 e=3"
/// (a pair that signs), "RSA 1280 e=3 parts" (one whose CRT parts can be read).
std::vector<ProbeInfo> probes();

// What the product asks for at run time.

/// Token::derive_wrapped gives right keys of odd parity, and their check values.
inline constexpr const char* kDeriveWrapDes = "derive, wrap under 3DES";
inline constexpr const char* kDeriveWrapAes = "derive, wrap under AES";
/// Token::rewrap_ecb, without and with a mask.
inline constexpr const char* kRewrap = "rewrap under 3DES";
inline constexpr const char* kRewrapMasked = "rewrap under 3DES with XOR";
/// Token::unwrap_ecb.
inline constexpr const char* kUnwrapDes = "unwrap 3DES keys";
/// Token::wrap_public.
inline constexpr const char* kWrapPublic = "wrap public data";

/// "RSA 1408 e=3 parts".
std::string rsa_parts_probe(std::size_t bits, unsigned exponent);

/// How often a second a device does what cards need, one thread.
struct Speed {
  std::string operation;
  double per_second = 0;
};

/// Measures for about `each` an operation what of it works. Throws Error when the device is lost.
std::vector<Speed> measure_speeds(Token& token, std::chrono::milliseconds each);

}  // namespace hsm
