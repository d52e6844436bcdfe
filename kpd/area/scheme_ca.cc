#include "kpd/area/scheme_ca.h"

#include <fmt/format.h>

#include "kpd/certificates/certificate_store.h"
#include "kpd/certificates/test_keys.h"
#include "kpd/exit_code.h"

namespace kpd {
namespace {

emvcrypto::RsaPublicKey public_key(hsm::Token& token, const std::string& label) {
  hsm::RsaPublic numbers = token.public_key(token.find(label));
  return {std::move(numbers.modulus), std::move(numbers.exponent)};
}

}  // namespace

std::string authority_label(const std::string& name) {
  return "CA-" + name;
}
std::string issuer_label(const std::string& name) {
  return "ISS-" + name;
}

void make_authority(const TestAuthority& authority, hsm::Token& ca_token,
                    const std::filesystem::path& file) {
  if (!is_test_index(authority.index))
    throw Failure(
        ExitCode::usage,
        fmt::format("CA key '{}': a test CA's key has an index that is kept for tests: F1 "
                    "to F3",
                    authority.name));
  const std::string label = authority_label(authority.name);
  if (!ca_token.try_find("pkcs11:object=" + label + ";type=private"))
    ca_token.generate_rsa(authority.bits, authority.exponent, {.sign = true}, label);
  CaKey ca;
  ca.rid = authority.rid;
  ca.index = authority.index;
  ca.key = public_key(ca_token, label);
  if (ca.key.size() * 8 != authority.bits ||
      emvcrypto::to_number(ca.key.exponent) != authority.exponent)
    throw Failure(
        ExitCode::usage,
        fmt::format("CA key '{}': the token has its pair already, of {} bits and exponent "
                    "{}: ask for these, or take another name",
                    authority.name, ca.key.size() * 8, emvcrypto::to_number(ca.key.exponent)));
  write_whole(file, ca_key_text("Test key of '" + authority.name + "'", ca));
}

void make_issuer(const TestIssuer& issuer, const TestAuthority& authority, hsm::Token& ca_token,
                 hsm::Token& issuer_token, const std::filesystem::path& file) {
  issuer_token.generate_rsa(issuer.bits, issuer.exponent, {.sign = true},
                            issuer_label(issuer.name));
  const emvcrypto::IssuerCertificate content{issuer.issuer_id, issuer.expiry, issuer.serial,
                                             public_key(issuer_token, issuer_label(issuer.name))};
  const auto ca_key = public_key(ca_token, authority_label(authority.name));
  auto block = emvcrypto::issuer_certificate_block(content, ca_key.size());
  const emvcrypto::Bytes certificate =
      ca_token.sign_raw(ca_token.find(authority_label(authority.name)), {&block.block, 1}).front();
  const auto recovered = emvcrypto::recover_issuer_certificate(ca_key, certificate, block.remainder,
                                                               content.key.exponent);
  if (!recovered || recovered->key.modulus != content.key.modulus)
    throw Failure(ExitCode::internal,
                  "the certificate made for issuer '" + issuer.name + "' does not verify");
  write_whole(
      file,
      issuer_text({fmt::format("Issuer '{}' under test CA '{}'", issuer.name, authority.name),
                   "pkcs11:object=" + issuer_label(issuer.name), issuer.issuer_id, authority.rid,
                   authority.index, content.key, certificate, block.remainder}));
}

}  // namespace kpd
