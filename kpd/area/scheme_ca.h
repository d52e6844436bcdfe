/// A scheme's certification authority for tests: CA keys, and issuer certificates under them.
#pragma once

#include <filesystem>

#include "emvcrypto/certificates.h"
#include "hsm/token.h"

namespace kpd {

/// A CA key pair of the test CA.
struct TestAuthority {
  std::string name;
  emvcrypto::Bytes rid;  ///< 5 bytes
  std::uint8_t index = 0;
  std::size_t bits = 0;
  unsigned exponent = 3;
};

/// An issuer to be certified.
struct TestIssuer {
  std::string name, authority;
  std::size_t bits = 0;
  unsigned exponent = 3;
  emvcrypto::Bytes issuer_id, expiry, serial;  ///< 4, 2 (MMYY) and 3 bytes
};

/// Labels of their keys in the tokens.
std::string authority_label(const std::string& name);
std::string issuer_label(const std::string& name);

/// Makes the CA's key pair in its token and writes its public key (kind: ca-key). A pair that is
/// there, because the one who made it was stopped before the file, is taken. Throws Failure(usage)
/// for an index that is not kept for tests, or a pair of another length or exponent.
void make_authority(const TestAuthority& authority, hsm::Token& ca_token,
                    const std::filesystem::path& file);

/// Makes the issuer's key pair in its own token, certifies it with the CA's key (EMV 4.4 Book 2,
/// 5.1), checks the certificate from the CA key down, and writes it (kind: issuer-certificate).
void make_issuer(const TestIssuer& issuer, const TestAuthority& authority, hsm::Token& ca_token,
                 hsm::Token& issuer_token, const std::filesystem::path& file);

}  // namespace kpd
