// Recovering certificates as a terminal does, and what it then checks of their content.
#include <algorithm>

#include "emvcrypto/certificate_layout.h"
#include "emvcrypto/certificates.h"

namespace emvcrypto {
namespace {

using namespace certificate;

Bytes copy(ByteView part) {
  return Bytes(part.begin(), part.end());
}

struct Recovered {
  Bytes subject, expiry, serial;
  RsaPublicKey key;
};

/// What both kinds have in common (Book 2, 5.3 and 6.4).
Expected<Recovered> recover(const Kind& kind, const RsaPublicKey& signer, ByteView certificate,
                            ByteView remainder, ByteView exponent, ByteView static_data) {
  const auto opened = open(signer, certificate, kind.format, kind.overhead());
  if (!opened) return tl::unexpected(opened.error());
  ByteView rest = ByteView(*opened).subspan(2);
  const auto take = [&rest](std::size_t size) {
    const ByteView part = rest.first(size);
    rest = rest.subspan(size);
    return part;
  };
  Recovered content;
  content.subject = copy(take(kind.subject_size));
  content.expiry = copy(take(kExpirySize));
  content.serial = copy(take(kSerialSize));
  const ByteView numbers = take(4);
  if (numbers[0] != kSha1 || numbers[1] != kRsa)
    return fault("cert-algorithm", "the certificate names algorithms that EMV does not know");

  const std::size_t key_size = numbers[2];
  const std::size_t room = signer.size() - kind.overhead();
  if (key_size == 0 || key_size > signer.size())
    return fault("cert-length", "the certified key is longer than the key that signed it");
  if (remainder.size() != (key_size > room ? key_size - room : 0))
    return fault("cert-length", "the remainder's length does not fit the certificate");
  if (exponent.size() != numbers[3] || exponent.empty())
    return fault("cert-length", "the exponent's length is not the one in the certificate");
  if (!hash_holds(*opened, {remainder, exponent, static_data}))
    return fault("cert-hash", "the certificate's hash does not fit the data that it covers");

  content.key.modulus = concat({take(std::min(key_size, room)), remainder});
  content.key.exponent = copy(exponent);
  return content;
}

/// The digits of a field that ends with F; empty when it holds anything else.
std::string digits_of(ByteView field) {
  std::string digits = to_hex(field);
  digits.erase(digits.find_last_not_of('F') + 1);
  const bool numeric_only = digits.find_first_not_of("0123456789") == std::string::npos;
  return numeric_only ? digits : std::string();
}

Expected<void> check_expiry(ByteView expiry, const Date& today) {
  const std::string mmyy = to_hex(expiry);
  const auto last_day =
      mmyy.size() == 4 ? parse_yymm_end(mmyy.substr(2) + mmyy.substr(0, 2)) : std::nullopt;
  if (!last_day) return fault("cert-format", "the certificate's expiry date is none");
  if (*last_day < today) return fault("cert-expired", "the certificate ended in " + mmyy);
  return {};
}

}  // namespace

Expected<IssuerCertificate> recover_issuer_certificate(const RsaPublicKey& ca, ByteView certificate,
                                                       ByteView remainder, ByteView exponent) {
  return recover(kIssuer, ca, certificate, remainder, exponent, {}).map([](Recovered content) {
    return IssuerCertificate{std::move(content.subject), std::move(content.expiry),
                             std::move(content.serial), std::move(content.key)};
  });
}

Expected<IccCertificate> recover_icc_certificate(const RsaPublicKey& issuer, ByteView certificate,
                                                 ByteView remainder, ByteView exponent,
                                                 ByteView static_data) {
  return recover(kIcc, issuer, certificate, remainder, exponent, static_data)
      .map([](Recovered content) {
        return IccCertificate{std::move(content.subject), std::move(content.expiry),
                              std::move(content.serial), std::move(content.key)};
      });
}

bool issuer_id_matches(ByteView issuer_id, std::string_view pan) {
  const std::string digits = digits_of(issuer_id);
  return digits.size() >= 3 && digits.size() <= 8 && pan.starts_with(digits);
}

Expected<void> check_issuer_certificate(const IssuerCertificate& content, std::string_view pan,
                                        const Date& today) {
  if (!issuer_id_matches(content.issuer_id, pan))
    return fault("cert-subject", "the issuer identifier does not start the PAN");
  return check_expiry(content.expiry, today);
}

Expected<void> check_icc_certificate(const IccCertificate& content, std::string_view pan,
                                     const Date& today) {
  const std::string digits = digits_of(content.pan);
  if (digits.empty() || digits != pan)
    return fault("cert-subject", "the certificate is for another PAN");
  return check_expiry(content.expiry, today);
}

}  // namespace emvcrypto
