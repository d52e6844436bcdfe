/// X.509 certificates of a small authority of one's own, for links between hosts; no EMV in here.
#pragma once

#include <chrono>
#include <string>

namespace emvcrypto {

/// A certificate and its private key (ECDSA over P-256, PKCS #8), each in PEM.
struct TlsIdentity {
  std::string certificate;
  std::string key;
};

/// From when until when a certificate is good.
struct TlsValidity {
  std::chrono::system_clock::time_point from, until;
};

/// An authority that signs certificates of hosts and clients, and no further authority.
TlsIdentity make_tls_authority(const std::string& name, const TlsValidity& validity);

/// A certificate for a server reached by this DNS name or IPv4 address. Throws
/// std::invalid_argument when the authority is none.
TlsIdentity make_tls_host(const TlsIdentity& authority, const std::string& host,
                          const TlsValidity& validity);

/// A certificate for a client of this name, likewise.
TlsIdentity make_tls_client(const TlsIdentity& authority, const std::string& name,
                            const TlsValidity& validity);

}  // namespace emvcrypto
