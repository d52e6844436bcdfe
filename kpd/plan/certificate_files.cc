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

}  // namespace

CaKey read_ca_key(YamlMap map) {
  CaKey ca;
  map.text("title", "");
  ca.rid = map.need("rid").hex(5);
  ca.index = map.need("index").hex(1)[0];
  ca.key = public_key(map.need("key").map());
  const YamlNode hash = map.need("hash");
  if (emvcrypto::ca_key_hash(ca.rid, ca.index, ca.key) != hash.hex(20))
    hash.fail("the key does not have this hash: the file was changed or mistyped");
  if (const auto expiry = map.maybe("expiry")) {
    const std::string mmyy = emvcrypto::to_hex(expiry->hex(2));
    ca.last_day = emvcrypto::parse_yymm_end(mmyy.substr(2) + mmyy.substr(0, 2));
    if (!ca.last_day) expiry->fail("a month of expiry is written as MMYY: \"1230\"");
  }
  ca.retired = retirement(map);
  map.finish();
  return ca;
}

IssuerFile read_issuer_file(YamlMap map) {
  map.text("title", "");
  IssuerFile file{{}, map.need("key_uri"), map.need("certificate"), retirement(map)};
  file.issuer.key_uri = file.key_uri.text();
  file.issuer.issuer_id = map.need("issuer_id").hex(4);
  file.issuer.rid = map.need("rid").hex(5);
  file.issuer.ca_index = map.need("ca_index").hex(1)[0];
  file.issuer.key = public_key(map.need("key").map());
  file.issuer.certificate = file.certificate.hex();
  file.issuer.remainder = map.need("remainder").hex();
  map.finish();
  return file;
}

}  // namespace kpd
