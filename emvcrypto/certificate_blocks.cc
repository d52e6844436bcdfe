// Building what private keys sign: issuer and ICC public key certificates.
#include <algorithm>
#include <stdexcept>

#include "emvcrypto/certificate_layout.h"
#include "emvcrypto/certificates.h"

namespace emvcrypto {
namespace {

using namespace certificate;

void require(bool fits, const char* what) {
  if (!fits) throw std::invalid_argument(what);
}

/// What both kinds have in common; `subject` is the issuer identifier or the PAN.
CertificateBlock build(const Kind& kind, ByteView subject, ByteView expiry, ByteView serial,
                       const RsaPublicKey& key, ByteView static_data, std::size_t signer_size) {
  require(subject.size() == kind.subject_size, "a certificate's subject has the wrong length");
  require(expiry.size() == kExpirySize, "a certificate's expiry date has 2 bytes");
  require(serial.size() == kSerialSize, "a certificate's serial number has 3 bytes");
  require(key.exponent.size() == 1 || key.exponent.size() == 3,
          "a public exponent has 1 or 3 bytes");
  require(signer_size > kind.overhead() && signer_size <= kMaxModulus,
          "the signing key is too short or longer than 248 bytes");
  require(!key.modulus.empty() && key.size() <= signer_size,
          "a certified key is at most as long as the key that signs it");

  const std::size_t room = signer_size - kind.overhead();
  const ByteView modulus = key.modulus;
  const std::size_t inside = std::min(room, modulus.size());
  const ByteView remainder = modulus.subspan(inside);

  Bytes block = concat({Bytes{kHeader, kind.format}, subject, expiry, serial,
                        Bytes{kSha1, kRsa, static_cast<std::uint8_t>(modulus.size()),
                              static_cast<std::uint8_t>(key.exponent.size())},
                        modulus.first(inside)});
  block.resize(signer_size - kTail, kFill);
  return {seal(std::move(block), {remainder, key.exponent, static_data}),
          Bytes(remainder.begin(), remainder.end())};
}

}  // namespace

CertificateBlock issuer_certificate_block(const IssuerCertificate& content, std::size_t ca_size) {
  return build(kIssuer, content.issuer_id, content.expiry, content.serial, content.key, {},
               ca_size);
}

CertificateBlock icc_certificate_block(const IccCertificate& content, ByteView static_data,
                                       std::size_t issuer_size) {
  return build(kIcc, content.pan, content.expiry, content.serial, content.key, static_data,
               issuer_size);
}

}  // namespace emvcrypto
