#include "kpd/tester/oda.h"

#include "kpd/tester/tag_names.h"

namespace kpd::tester {
namespace {

using emvcrypto::Bytes;
using emvcrypto::ByteView;
using emvcrypto::Expected;
using emvcrypto::RsaPublicKey;

constexpr std::size_t kRidLength = 5;

/// Whether all these objects are on the card; says which are not.
bool all_there(ApplicationVisit& app, std::initializer_list<emvcrypto::Tag> wanted,
               const char* what_for) {
  std::string missing;
  for (const auto tag : wanted)
    if (!app.data.has(tag)) missing += (missing.empty() ? "" : ", ") + emvcrypto::tag_name(tag);
  if (missing.empty()) return true;
  app.find("oda.missing", missing + " missing for " + what_for);
  app.terminal.raise(TvrBit::icc_data_missing);
  return false;
}

/// Keeps what holds; a fault becomes the finding "<id>.<code>" and nothing.
template <typename T>
std::optional<T> held(ApplicationVisit& app, const std::string& id, Expected<T> result) {
  if (result) return *std::move(result);
  app.find(id + "." + result.error().code, result.error().reason);
  return std::nullopt;
}

std::optional<Bytes> signed_data(ApplicationVisit& app) {
  std::vector<emvcrypto::SignedRecord> records;
  for (const ReadRecord& record : app.records)
    if (record.is_signed) records.push_back({record.sfi, record.bytes});
  auto data = emvcrypto::static_data(records, app.data.get(tags::kTagList), app.aip);
  if (data) return *std::move(data);
  app.find("oda.static-data", data.error().reason);
  return std::nullopt;
}

std::optional<RsaPublicKey> ca_key(ApplicationVisit& app) {
  const auto index = app.data.get(tags::kCaIndex);
  const auto& find_key = app.card.request.ports.ca_key;
  const ByteView aid = app.target.aid;
  if (index.size() == 1 && aid.size() >= kRidLength && find_key)
    if (auto key = find_key(aid.first(kRidLength), index.front())) return key;
  app.find("oda.ca-key", "CA key index " + emvcrypto::to_hex(index) + " is not known");
  return std::nullopt;
}

std::optional<RsaPublicKey> issuer_key(ApplicationVisit& app) {
  if (!all_there(app, {tags::kCaIndex, tags::kIssuerCertificate, tags::kIssuerExponent},
                 "the issuer's certificate"))
    return std::nullopt;
  const auto ca = ca_key(app);
  if (!ca) return std::nullopt;
  const std::string id = "oda.issuer-cert";
  const auto& data = app.data;
  auto certificate = held(app, id,
                          emvcrypto::recover_issuer_certificate(
                              *ca, data.get(tags::kIssuerCertificate),
                              data.get(tags::kIssuerRemainder), data.get(tags::kIssuerExponent)));
  if (!certificate) return std::nullopt;
  const auto checked =
      emvcrypto::check_issuer_certificate(*certificate, data.pan(), app.card.request.profile.date);
  if (checked) return std::move(certificate->key);
  app.find(id + "." + checked.error().code, checked.error().reason);
  return std::nullopt;
}

/// The objects of one certificate of the ICC.
struct IccCertificateTags {
  const char* id;
  const char* name;
  emvcrypto::Tag certificate, exponent, remainder;
};
constexpr IccCertificateTags kIccTags{"oda.icc-cert", "the card's certificate",
                                      tags::kIccCertificate, tags::kIccExponent,
                                      tags::kIccRemainder};
constexpr IccCertificateTags kPinTags{"oda.pin-cert", "the PIN key's certificate",
                                      tags::kPinCertificate, tags::kPinExponent,
                                      tags::kPinRemainder};

std::optional<RsaPublicKey> icc_key(ApplicationVisit& app, const RsaPublicKey& issuer,
                                    const IccCertificateTags& which, ByteView static_data) {
  if (!all_there(app, {which.certificate, which.exponent}, which.name)) return std::nullopt;
  const auto& data = app.data;
  auto certificate = held(app, which.id,
                          emvcrypto::recover_icc_certificate(
                              issuer, data.get(which.certificate), data.get(which.remainder),
                              data.get(which.exponent), static_data));
  if (!certificate) return std::nullopt;
  const auto checked =
      emvcrypto::check_icc_certificate(*certificate, data.pan(), app.card.request.profile.date);
  if (checked) return std::move(certificate->key);
  app.find(std::string(which.id) + "." + checked.error().code, checked.error().reason);
  return std::nullopt;
}

/// "cert-hash" of a certificate is "hash" of a signature.
std::string signature_code(const std::string& code) {
  constexpr std::string_view kPrefix = "cert-";
  return code.starts_with(kPrefix) ? code.substr(kPrefix.size()) : code;
}

void verify_static_signature(ApplicationVisit& app, const RsaPublicKey& issuer,
                             ByteView static_data) {
  if (!all_there(app, {tags::kSsad}, "SDA")) return;
  auto code = emvcrypto::recover_ssad(issuer, app.data.get(tags::kSsad), static_data);
  if (!code) {
    app.find("oda.sda." + signature_code(code.error().code), code.error().reason);
    return;
  }
  app.terminal.set(tags::kDac, *std::move(code));
  app.report.sda = Outcome::passed;
}

/// A method that the AIP offers fails unless it came to pass.
void settle(ApplicationVisit& app, Outcome& outcome, TvrBit failed) {
  if (outcome == Outcome::passed) return;
  outcome = Outcome::failed;
  app.terminal.raise(failed);
}

}  // namespace

void verify_certificates(ApplicationVisit& app) {
  const bool sda = app.aip_has(kAipSda);
  const bool dynamic = app.aip_has(kAipDda) || app.aip_has(kAipCda);
  const bool icc = dynamic || app.data.has(tags::kIccCertificate);  // may serve PIN encipherment
  const bool pin = app.data.has(tags::kPinCertificate);
  if (!sda && !dynamic) app.terminal.raise(TvrBit::oda_not_performed);
  if (!sda && !icc && !pin) return;
  const auto issuer = issuer_key(app);
  if (const auto data = issuer ? signed_data(app) : std::nullopt) {
    if (sda) verify_static_signature(app, *issuer, *data);
    if (icc) app.icc_key = icc_key(app, *issuer, kIccTags, *data);
  }
  if (issuer && pin) app.pin_key = icc_key(app, *issuer, kPinTags, {});
  if (sda) settle(app, app.report.sda, TvrBit::sda_failed);
}

std::optional<Bytes> icc_dynamic_number(ByteView icc_dynamic_data) {
  if (icc_dynamic_data.empty()) return std::nullopt;
  const std::size_t length = icc_dynamic_data.front();
  if (length < 2 || length > 8 || icc_dynamic_data.size() < 1 + length) return std::nullopt;
  const ByteView number = icc_dynamic_data.subspan(1, length);
  return Bytes(number.begin(), number.end());
}

}  // namespace kpd::tester
