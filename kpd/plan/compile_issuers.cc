#include <fmt/format.h>

#include <algorithm>

#include "kpd/certificates/calendar.h"
#include "kpd/certificates/job_certificates.h"
#include "kpd/certificates/test_keys.h"
#include "kpd/keyring/job_keys.h"
#include "kpd/keyring/public_key.h"
#include "kpd/plan/compile.h"

namespace kpd {
namespace {

constexpr std::uint64_t kSerials = 0x1000000;  ///< serial numbers have 3 bytes

/// Where serials of the job begin and how many are its own.
void read_serials(YamlMap& use, bool test, IssuerPlan& issuer) {
  const YamlNode base = use.need("serial_base");
  issuer.serial_base = static_cast<std::uint32_t>(base.number(0, kSerials - 1));
  const auto count = use.maybe("serial_count");
  if (!count && !test)
    use.node().fail("a production job says how many certificate serials are its own",
                    "write serial_count: twice the number of its records");
  if (!count) return;
  issuer.serial_count = static_cast<std::uint32_t>(count->number(2, kSerials));
  if (issuer.serial_base + std::uint64_t{issuer.serial_count} > kSerials)
    count->fail("serials end at FFFFFF: the job has none beyond",
                "lower serial_base, or take another issuer key");
}

}  // namespace

void PlanBuilder::compile_issuers(YamlMap& job) {
  TestKeys test_keys;
  if (!plan.test) {
    const auto list = resolve(job.text("area", "area.yaml")).parent_path() / kTestKeyList;
    if (std::filesystem::exists(list)) mistakes.guard([&] { test_keys.add(list); });
  }
  const auto refuse_test_key = [&](const std::optional<std::string>& why, const YamlNode& node) {
    if (!plan.test && why)
      node.fail("a production job takes no test key: " + *why, "take the scheme's production key",
                "test-key");
  };
  std::vector<CaKey> authorities;
  if (const auto files = job.maybe("ca_keys"))
    for (const YamlNode& file : files->list())
      // A wrong file may hold the key of any issuer: it stays as one that nobody knows.
      mistakes.guard([&] {
        authorities.emplace_back();
        CaKey ca = read_ca_key(read_named(file, "ca-key"));
        if (!ca.retired.empty()) file.fail("this key was retired on " + ca.retired);
        if (ca.last_day && *ca.last_day < plan.date)
          file.fail("this key's validity ended on " + ca.last_day->iso());
        refuse_test_key(test_keys.why(ca), file);
        authorities.back() = std::move(ca);
      });
  if (const auto issuers = job.maybe("issuers"))
    for (const auto& [name, value] : issuers->map().all())
      mistakes.guard([&] {
        compile_issuer(name, value, authorities);
        refuse_test_key(test_keys.why(plan.issuers.back().key), value);
      });
}

bool PlanBuilder::is_key_in_token(const IssuerPlan& issuer, const YamlNode& uri) const {
  if (token_ == nullptr) return true;
  try {
    const hsm::Key found = token_->find(issuer.key_uri);
    const hsm::RsaPublic key = token_->public_key(found);
    if (key.modulus != issuer.key.modulus || key.exponent != issuer.key.exponent) return false;
    const bool dated = plan.date != emvcrypto::Date{};  // else the job's date was a mistake
    if (const auto objection =
            key_objection(key_rows_, found.label(), fingerprint(key).substr(0, kShortFingerprint),
                          "ISSUER", dated ? std::optional(plan.date) : std::nullopt))
      uri.fail(*objection, "`kpd key list` shows the keys of the area", kMissingKey);
  } catch (const hsm::SetupError& error) {
    uri.fail(error.what(), {}, kMissingKey);
  }
  return true;
}

void PlanBuilder::compile_issuer(const YamlNode& name, const YamlNode& value,
                                 const std::vector<CaKey>& authorities) {
  // Known from here on, so that one wrong issuer is one mistake.
  IssuerPlan& issuer = plan.issuers.emplace_back();
  issuer.name = name.text();
  YamlMap use = value.map();
  const YamlNode file = use.need("file");
  read_serials(use, plan.test, issuer);
  const auto warn_days = static_cast<int>(use.number("warn_days", 90, 0, 3650));
  use.finish();

  IssuerFile read = read_issuer_file(read_named(file, "issuer-certificate"));
  const YamlNode& signed_part = read.certificate;
  if (!read.retired.empty()) file.fail("this certificate was retired on " + read.retired);
  read.issuer.name = issuer.name;
  read.issuer.serial_base = issuer.serial_base;
  read.issuer.serial_count = issuer.serial_count;
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
  if (authority->last_day && *authority->last_day < issuer.last_day)
    signed_part.fail("the certificate outlives the CA key, which ends on " +
                     authority->last_day->iso());
  if (days_between(plan.date, issuer.last_day) > warn_days) return;
  Mistake soon = value.mistake(
      fmt::format("the certificate of issuer '{}' ends on {}", issuer.name, issuer.last_day.iso()),
      "ask the scheme for a new one: kpd cert request", kEndingCertificate);
  soon.warning = true;
  mistakes.add(std::move(soon));
}

}  // namespace kpd
