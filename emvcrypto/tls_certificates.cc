#include "emvcrypto/tls_certificates.h"

#include <botan/auto_rng.h>
#include <botan/data_src.h>
#include <botan/ecdsa.h>
#include <botan/pkcs8.h>
#include <botan/x509_ca.h>
#include <botan/x509self.h>

#include <algorithm>
#include <stdexcept>

namespace emvcrypto {
namespace {

constexpr const char* kHash = "SHA-256";
constexpr const char* kGroup = "secp256r1";

Botan::X509_Time time_of(std::chrono::system_clock::time_point time) {
  return Botan::X509_Time(time);
}

bool is_ipv4(const std::string& host) {
  return std::all_of(host.begin(), host.end(),
                     [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

TlsIdentity sign(const TlsIdentity& authority, const Botan::X509_Cert_Options& options,
                 const TlsValidity& validity) try {
  Botan::AutoSeeded_RNG random;
  Botan::DataSource_Memory certificate(authority.certificate), key(authority.key);
  const Botan::X509_Certificate signer(certificate);
  const auto signing_key = Botan::PKCS8::load_key(key);
  const Botan::X509_CA ca(signer, *signing_key, kHash, random);
  const Botan::ECDSA_PrivateKey own(random, Botan::EC_Group(kGroup));
  const auto request = Botan::X509::create_cert_req(options, own, kHash, random);
  const auto made =
      ca.sign_request(request, random, time_of(validity.from), time_of(validity.until));
  return {made.PEM_encode(), Botan::PKCS8::PEM_encode(own)};
} catch (const Botan::Exception& error) {
  throw std::invalid_argument(std::string("no certificate can be made: ") + error.what());
}

}  // namespace

TlsIdentity make_tls_authority(const std::string& name, const TlsValidity& validity) {
  Botan::AutoSeeded_RNG random;
  Botan::X509_Cert_Options options;
  options.common_name = name;
  options.CA_key(0);
  options.start = time_of(validity.from);
  options.end = time_of(validity.until);
  const Botan::ECDSA_PrivateKey key(random, Botan::EC_Group(kGroup));
  const auto certificate = Botan::X509::create_self_signed_cert(options, key, kHash, random);
  return {certificate.PEM_encode(), Botan::PKCS8::PEM_encode(key)};
}

TlsIdentity make_tls_host(const TlsIdentity& authority, const std::string& host,
                          const TlsValidity& validity) {
  Botan::X509_Cert_Options options;
  options.common_name = host;
  (is_ipv4(host) ? options.ip : options.dns) = host;
  options.add_ex_constraint("PKIX.ServerAuth");
  return sign(authority, options, validity);
}

TlsIdentity make_tls_client(const TlsIdentity& authority, const std::string& name,
                            const TlsValidity& validity) {
  Botan::X509_Cert_Options options;
  options.common_name = name;
  options.add_ex_constraint("PKIX.ClientAuth");
  return sign(authority, options, validity);
}

}  // namespace emvcrypto
