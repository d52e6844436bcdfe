#include "kpd/area/scheme_ca.h"

#include <fmt/format.h>

#include "kpd/exit_code.h"
#include "kpd/files/atomic_file.h"

namespace kpd {
namespace {

using emvcrypto::to_hex;

emvcrypto::RsaPublicKey public_key(hsm::Token& token, const std::string& label) {
  hsm::RsaPublic numbers = token.public_key(token.find(label));
  return {std::move(numbers.modulus), std::move(numbers.exponent)};
}

void write_file(const std::filesystem::path& file, const std::string& text) {
  AtomicFile out(file);
  out.stream() << text;
  out.commit();
}

std::string key_yaml(const emvcrypto::RsaPublicKey& key) {
  return fmt::format("{{modulus: \"{}\", exponent: \"{}\"}}", to_hex(key.modulus),
                     to_hex(key.exponent));
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
  ca_token.generate_rsa(authority.bits, authority.exponent, {.sign = true},
                        authority_label(authority.name));
  const auto key = public_key(ca_token, authority_label(authority.name));
  write_file(file,
             fmt::format("kind: ca-key\ntitle: \"Test key of '{}'\"\nrid: \"{}\"\nindex: "
                         "\"{}\"\nkey: {}\nhash: \"{}\"\n",
                         authority.name, to_hex(authority.rid),
                         to_hex(emvcrypto::Bytes{authority.index}), key_yaml(key),
                         to_hex(emvcrypto::ca_key_hash(authority.rid, authority.index, key))));
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
  write_file(
      file,
      fmt::format("kind: issuer-certificate\ntitle: \"Issuer '{}' under test CA '{}'\"\n"
                  "key_uri: \"pkcs11:object={}\"\nissuer_id: \"{}\"\nrid: \"{}\"\n"
                  "ca_index: \"{}\"\nkey: {}\ncertificate: \"{}\"\nremainder: \"{}\"\n",
                  issuer.name, authority.name, issuer_label(issuer.name), to_hex(issuer.issuer_id),
                  to_hex(authority.rid), to_hex(emvcrypto::Bytes{authority.index}),
                  key_yaml(content.key), to_hex(certificate), to_hex(block.remainder)));
}

}  // namespace kpd
