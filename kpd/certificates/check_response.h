/// Whether a scheme's answer may become an issuer's certificate.
#pragma once

#include "hsm/token.h"
#include "kpd/certificates/certificate_register.h"
#include "kpd/certificates/response_file.h"
#include "kpd/certificates/test_keys.h"

namespace kpd {

/// A key pair of ours.
struct OwnKey {
  std::string uri;
  emvcrypto::RsaPublicKey key;
};

/// Every named RSA key pair of a token.
std::vector<OwnKey> own_keys(hsm::Token& token);

/// What a response is held against.
struct ImportWorld {
  std::vector<CaKey> authorities;
  std::vector<OwnKey> own;
  std::vector<CertificateRequest> requests;
  emvcrypto::Date today;
  bool test = false;  ///< test keys are welcome
  TestKeys test_keys;
};

/// A response that holds, with what it belongs to.
struct GoodResponse {
  IssuerResponse response;
  CaKey ca;
  OwnKey own;
  std::optional<CertificateRequest> request;
  std::vector<std::string> remarks;  ///< for people: shorter validity than asked for ...
};

/// Checks, in this order: layout, CA key by its index, certificate, lengths, hash, what file and
/// certificate both say, detached signature, issuer identifier, exponent, expiry, that it is for a
/// key of ours (modulus), that a request asked for it. Fault: the first that fails.
Expected<GoodResponse> check_response(ByteView file, const ImportWorld& world);

/// The same without key and request: what anybody with the CA keys can tell.
struct OpenedResponse {
  IssuerResponse response;
  CaKey ca;
};
Expected<OpenedResponse> open_response(ByteView file, const std::vector<CaKey>& authorities);

}  // namespace kpd
