#include <fmt/format.h>

#include "kpd/plan/compile.h"

namespace kpd {
namespace {

emvcrypto::RsaPublicKey public_key(YamlMap map) {
  emvcrypto::RsaPublicKey key{map.need("modulus").hex(), map.need("exponent").hex()};
  map.finish();
  return key;
}

CaKey read_ca_key(YamlMap map) {
  CaKey ca;
  map.text("title", "");
  ca.rid = map.need("rid").hex(5);
  ca.index = map.need("index").hex(1)[0];
  ca.key = public_key(map.need("key").map());
  const YamlNode hash = map.need("hash");
  if (emvcrypto::ca_key_hash(ca.rid, ca.index, ca.key) != hash.hex(20))
    hash.fail("the key does not have this hash: the file was changed or mistyped");
  map.finish();
  return ca;
}

}  // namespace

void PlanBuilder::compile_issuers(YamlMap& job) {
  std::vector<CaKey> authorities;
  if (const auto files = job.maybe("ca_keys"))
    for (const YamlNode& file : files->list())
      mistakes.guard([&] { authorities.push_back(read_ca_key(read_named(file, "ca-key"))); });
  if (const auto issuers = job.maybe("issuers"))
    for (const auto& [name, value] : issuers->map().all())
      mistakes.guard([&] { compile_issuer(name, value, authorities); });
}

bool PlanBuilder::is_key_in_token(const IssuerPlan& issuer, const YamlNode& uri) const {
  if (token_ == nullptr) return true;
  try {
    const hsm::RsaPublic key = token_->public_key(token_->find(issuer.key_uri));
    return key.modulus == issuer.key.modulus && key.exponent == issuer.key.exponent;
  } catch (const hsm::SetupError& error) {
    uri.fail(error.what(), {}, kMissingKey);
  }
}

void PlanBuilder::compile_issuer(const YamlNode& name, const YamlNode& value,
                                 const std::vector<CaKey>& authorities) {
  // Known from here on, so that one wrong issuer is one mistake.
  const std::size_t index = plan.issuers.size();
  plan.issuers.emplace_back().name = name.text();
  IssuerPlan issuer = plan.issuers.back();
  YamlMap use = value.map();
  const YamlNode file = use.need("file");
  issuer.serial_base = static_cast<std::uint32_t>(use.need("serial_base").number(0, 0xFFFFFF));
  use.finish();

  YamlMap certificate = read_named(file, "issuer-certificate");
  certificate.text("title", "");
  const YamlNode key_uri = certificate.need("key_uri");
  issuer.key_uri = key_uri.text();
  issuer.issuer_id = certificate.need("issuer_id").hex(4);
  issuer.rid = certificate.need("rid").hex(5);
  issuer.ca_index = certificate.need("ca_index").hex(1)[0];
  issuer.key = public_key(certificate.need("key").map());
  const YamlNode signed_part = certificate.need("certificate");
  issuer.certificate = signed_part.hex();
  issuer.remainder = certificate.need("remainder").hex();
  certificate.finish();

  const CaKey* authority = nullptr;
  for (const CaKey& ca : authorities)
    if (ca.rid == issuer.rid && ca.index == issuer.ca_index) authority = &ca;
  if (authority == nullptr)
    file.fail(fmt::format("no key {} of RID {} stands under 'ca_keys'",
                          emvcrypto::to_hex(Bytes{issuer.ca_index}),
                          emvcrypto::to_hex(issuer.rid)));
  issuer.ca = authority->key;

  // The chain must hold from the CA key down before the first card (Book 2, 5.3), and end in the
  // key that this token signs with.
  const auto recovered = emvcrypto::recover_issuer_certificate(
      issuer.ca, issuer.certificate, issuer.remainder, issuer.key.exponent);
  if (!recovered) signed_part.fail("the certificate is not good: " + recovered.error().reason);
  if (recovered->key.modulus != issuer.key.modulus || !is_key_in_token(issuer, key_uri))
    signed_part.fail("the certificate is for another key than " + issuer.key_uri);
  if (recovered->issuer_id != issuer.issuer_id)
    signed_part.fail("the certificate names another issuer identifier");
  const std::string expiry = emvcrypto::to_hex(recovered->expiry);
  const auto last_day = emvcrypto::parse_yymm_end(expiry.substr(2, 2) + expiry.substr(0, 2));
  if (!last_day || *last_day < plan.date)
    signed_part.fail(
        fmt::format("the certificate expired in {}/{}", expiry.substr(0, 2), expiry.substr(2, 2)));
  issuer.last_day = *last_day;
  plan.issuers[index] = std::move(issuer);
}

}  // namespace kpd
