#include "kpd/plan/certificate_files.h"

namespace kpd {
namespace {

emvcrypto::RsaPublicKey public_key(YamlMap map) {
  emvcrypto::RsaPublicKey key{map.need("modulus").hex(), map.need("exponent").hex()};
  map.finish();
  return key;
}

/// The day of retirement; empty for what is in use.
std::string retirement(YamlMap& map) {
  const auto day = map.maybe("retired");
  if (!day) return {};
  if (!emvcrypto::parse_iso_date(day->text())) day->fail("a date is written as 2026-11-22");
  return day->text();
}

/// The last day of the month MMYY.
emvcrypto::Date month(const YamlNode& node) {
  const std::string mmyy = emvcrypto::to_hex(node.hex(2));
  const auto last_day = emvcrypto::parse_yymm_end(mmyy.substr(2) + mmyy.substr(0, 2));
  if (!last_day) node.fail("a month of expiry is written as MMYY: \"1230\"");
  return *last_day;
}

}  // namespace

CaKey read_ca_key(YamlMap map) {
  CaKey ca;
  Mistakes mistakes;
  const auto all = [&](std::initializer_list<std::function<void()>> parts) {
    bool well = true;
    for (const auto& part : parts) well = mistakes.guard(part) && well;
    return well;
  };
  const bool known = all({[&] { map.text("title", ""); }, [&] { ca.rid = map.need("rid").hex(5); },
                          [&] { ca.index = map.need("index").hex(1)[0]; },
                          [&] { ca.key = public_key(map.need("key").map()); }});
  all({[&] {
         const YamlNode hash = map.need("hash");
         if (hash.hex(20) != emvcrypto::ca_key_hash(ca.rid, ca.index, ca.key) && known)
           hash.fail("the key does not have this hash: the file was changed or mistyped");
       },
       [&] {
         if (const auto expiry = map.maybe("expiry")) ca.last_day = month(*expiry);
       },
       [&] { ca.retired = retirement(map); }, [&] { map.finish(); }});
  mistakes.throw_if_any();
  return ca;
}

IssuerFile read_issuer_file(YamlMap map) {
  Mistakes mistakes;
  const auto part = [&](const std::function<void()>& read) { mistakes.guard(read); };
  IssuerPlan issuer;
  std::optional<YamlNode> uri, certificate;
  std::string retired;
  part([&] { map.text("title", ""); });
  part([&] { issuer.key_uri = (uri = map.need("key_uri"))->text(); });
  part([&] { issuer.certificate = (certificate = map.need("certificate"))->hex(); });
  part([&] { retired = retirement(map); });
  part([&] { issuer.issuer_id = map.need("issuer_id").hex(4); });
  part([&] { issuer.rid = map.need("rid").hex(5); });
  part([&] { issuer.ca_index = map.need("ca_index").hex(1)[0]; });
  part([&] { issuer.key = public_key(map.need("key").map()); });
  part([&] { issuer.remainder = map.need("remainder").hex(); });
  part([&] { map.finish(); });
  mistakes.throw_if_any();
  return {std::move(issuer), *uri, *certificate, std::move(retired)};
}

}  // namespace kpd
