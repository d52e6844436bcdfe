#include <fmt/format.h>

#include <algorithm>

#include "kpd/plan/compile.h"

namespace kpd {

void PlanBuilder::compile_issuers(YamlMap& job) {
  std::vector<CaKey> authorities;
  if (const auto files = job.maybe("ca_keys"))
    for (const YamlNode& file : files->list())
      // A wrong file may hold the key of any issuer: it stays as one that nobody knows.
      mistakes.guard([&] {
        authorities.emplace_back();
        authorities.back() = read_ca_key(read_named(file, "ca-key"));
      });
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
  IssuerPlan& issuer = plan.issuers.emplace_back();
  issuer.name = name.text();
  YamlMap use = value.map();
  const YamlNode file = use.need("file");
  issuer.serial_base = static_cast<std::uint32_t>(use.need("serial_base").number(0, 0xFFFFFF));
  use.finish();

  IssuerFile read = read_issuer_file(read_named(file, "issuer-certificate"));
  const YamlNode& signed_part = read.certificate;
  read.issuer.name = issuer.name;
  read.issuer.serial_base = issuer.serial_base;
  issuer = std::move(read.issuer);

  const CaKey* authority = nullptr;
  for (const CaKey& ca : authorities)
    if (ca.rid == issuer.rid && ca.index == issuer.ca_index) authority = &ca;
  const bool some_unknown = std::any_of(authorities.begin(), authorities.end(),
                                        [](const CaKey& ca) { return ca.rid.empty(); });
  if (authority == nullptr && some_unknown) return;  // that is told already
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
  if (recovered->key.modulus != issuer.key.modulus || !is_key_in_token(issuer, read.key_uri))
    signed_part.fail("the certificate is for another key than " + issuer.key_uri);
  if (recovered->issuer_id != issuer.issuer_id)
    signed_part.fail("the certificate names another issuer identifier");
  const std::string expiry = emvcrypto::to_hex(recovered->expiry);
  const auto last_day = emvcrypto::parse_yymm_end(expiry.substr(2, 2) + expiry.substr(0, 2));
  if (!last_day || *last_day < plan.date)
    signed_part.fail(
        fmt::format("the certificate expired in {}/{}", expiry.substr(0, 2), expiry.substr(2, 2)));
  issuer.last_day = *last_day;
}

}  // namespace kpd
