/// RSA public keys as other programs write them: PEM, SubjectPublicKeyInfo.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "hsm/token.h"

namespace kpd {

/// SubjectPublicKeyInfo (RFC 5280, 4.1) of an RSA key (RFC 8017, A.1.1), DER.
emvcrypto::Bytes public_key_der(const hsm::RsaPublic& key);

/// The key in such a DER; nothing for anything else, so for other algorithms and other encodings
/// of the same numbers.
std::optional<hsm::RsaPublic> parse_public_key_der(emvcrypto::ByteView der);

/// "-----BEGIN PUBLIC KEY-----" (RFC 7468, 13).
std::string public_key_pem(const hsm::RsaPublic& key);
std::optional<hsm::RsaPublic> parse_public_key_pem(std::string_view text);

/// SHA-256 over the DER, 64 hexadecimal digits.
std::string fingerprint(const hsm::RsaPublic& key);

/// Digits of a fingerprint that stand where other keys have a check value.
inline constexpr std::size_t kShortFingerprint = 16;

}  // namespace kpd
