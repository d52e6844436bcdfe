// Public key certificates recovered step by step, every field shown (EMV 4.4 Book 2, 5.3 and 6.4).
#include "emvcrypto/certificates.h"

#include <fmt/format.h>

#include "emvcrypto/hash.h"
#include "kpd/calc/functions.h"
#include "kpd/calc/rsa_keys.h"

namespace kpd::calc {
namespace {

using emvcrypto::RsaPublicKey;

constexpr std::array kRecoverParameters{
    modulus("ca", "Modulus of the CA's key"),
    exponent("ca-exponent", "Its exponent"),
    hex("cert", "Issuer certificate (90)").sized(kLeastModulus, kMostModulus),
    hex("remainder", "Remainder of the issuer's key (92)").sized(1, kMostModulus).optional(),
    exponent("exponent", "Exponent of the issuer's key (9F32)"),
    hex("icc-cert", "ICC certificate (9F46)").sized(kLeastModulus, kMostModulus).optional(),
    hex("icc-remainder", "Remainder of the ICC's key (9F48)").sized(1, kMostModulus).optional(),
    exponent("icc-exponent", "Exponent of the ICC's key (9F47)"),
    hex("static-data", "Static data to be authenticated (see oda-data)").sized(1, 65536).optional(),
    pan().optional(),
    date("date", "Day that the certificates must be valid on").optional()};

/// Reads fields off the front of an opened block into a result.
class Fields {
 public:
  Fields(ByteView rest, Result& result) : rest_(rest), result_(result) {}
  ByteView take(std::size_t size) {
    const ByteView part = rest_.first(std::min(size, rest_.size()));
    rest_ = rest_.subspan(part.size());
    return part;
  }
  ByteView show(const char* name, std::size_t size) {
    const ByteView part = take(size);
    result_.hex(name, part);
    return part;
  }
  std::size_t left() const { return rest_.size(); }

 private:
  ByteView rest_;
  Result& result_;
};

constexpr std::size_t kTail = 21;  ///< hash and trailer

/// What a certificate is recovered from.
struct Source {
  const RsaPublicKey& signer;
  ByteView certificate, remainder, exponent, static_data;
  const char* subject;
  std::size_t subject_size;
};

/// Every field of an opened certificate, also of one that will turn out wrong.
void show_fields(ByteView opened, const Source& source, Result& result) {
  if (source.subject_size == 4)
    result.hex("recovered", opened);
  else if (opened.size() > 12)  // a PAN stands in it
    result.learn_pan([&] {
      const std::string digits = emvcrypto::to_hex(opened.subspan(2, 10));
      return digits.substr(0, digits.find('F'));
    }());
  if (source.subject_size != 4) result.hex("recovered", opened);
  Fields fields(opened, result);
  fields.show("header", 1);
  fields.show("format", 1);
  const std::string subject = emvcrypto::to_hex(fields.take(source.subject_size));
  if (source.subject_size == 4)
    result.text(source.subject, subject);
  else
    result.pan(source.subject, subject.substr(0, subject.find('F')));
  fields.show("expiry_mmyy", 2);
  fields.show("serial", 3);
  fields.show("hash_algorithm", 1);
  fields.show("key_algorithm", 1);
  fields.show("key_length", 1);
  fields.show("exponent_length", 1);
  fields.show("key_part", fields.left() > kTail ? fields.left() - kTail : 0);
  fields.show("hash", 20);
  fields.show("trailer", 1);
  if (opened.size() <= kTail + 1) return;
  const ByteView covered = opened.subspan(1, opened.size() - 1 - kTail);
  result.hex("hash_computed",
             emvcrypto::sha1({covered, source.remainder, source.exponent, source.static_data}));
}

Expected<Bytes> open_and_show(const Source& source, Result& result) {
  auto opened = open_block(source.signer, source.certificate);
  if (opened) show_fields(*opened, source, result);
  return opened;
}

template <typename Certificate, typename Check>
Done finish(const Expected<Certificate>& certificate, const Arguments& arguments, Check check,
            Result& result) {
  if (!certificate) return tl::unexpected(certificate.error());
  result.number("key_bits", 8 * certificate->key.size());
  result.hex("modulus", certificate->key.modulus);
  result.hex("exponent", certificate->key.exponent);
  if (!arguments.has("pan")) return {};
  // Without a day only the subject is checked: no certificate had ended in 2000.
  const emvcrypto::Date day = arguments.has("date") ? arguments.date("date") : emvcrypto::Date{};
  return check(*certificate, arguments.text("pan"), day);
}

Done recover(const Arguments& arguments, Result& result) {
  if (arguments.has("date") && !arguments.has("pan"))
    return usage("missing: pan, with which the certificates are checked on a date");
  const auto ca = public_key(arguments, "ca", "ca-exponent");
  if (!ca) return tl::unexpected(ca.error());
  const Source issuer_source{*ca,
                             arguments.bytes("cert"),
                             arguments.bytes("remainder"),
                             arguments.bytes("exponent"),
                             {},
                             "issuer_id",
                             4};
  Result issuer_result = result.group("issuer");
  if (const auto opened = open_and_show(issuer_source, issuer_result); !opened)
    return tl::unexpected(opened.error());
  const auto issuer = emvcrypto::recover_issuer_certificate(
      *ca, issuer_source.certificate, issuer_source.remainder, issuer_source.exponent);
  if (const Done done =
          finish(issuer, arguments, emvcrypto::check_issuer_certificate, issuer_result);
      !done)
    return done;
  if (!arguments.has("icc-cert")) return {};

  const Source icc_source{issuer->key,
                          arguments.bytes("icc-cert"),
                          arguments.bytes("icc-remainder"),
                          arguments.bytes("icc-exponent"),
                          arguments.bytes("static-data"),
                          "pan",
                          10};
  Result icc_result = result.group("icc");
  if (const auto opened = open_and_show(icc_source, icc_result); !opened)
    return tl::unexpected(opened.error());
  const auto icc =
      emvcrypto::recover_icc_certificate(issuer->key, icc_source.certificate, icc_source.remainder,
                                         icc_source.exponent, icc_source.static_data);
  return finish(icc, arguments, emvcrypto::check_icc_certificate, icc_result);
}

constexpr std::array kCaHashParameters{
    hex("rid", "Registered application provider identifier").sized(5),
    hex("index", "Index of the key (8F)").sized(1), modulus("ca", "Modulus of the CA's key"),
    exponent("ca-exponent", "Its exponent")};

Done ca_hash(const Arguments& arguments, Result& result) {
  const auto key = public_key(arguments, "ca", "ca-exponent");
  if (!key) return tl::unexpected(key.error());
  result.hex("hash",
             emvcrypto::ca_key_hash(arguments.bytes("rid"), arguments.bytes("index")[0], *key));
  return {};
}

constexpr std::array kOdaDataParameters{
    hex("record", "Record that the AFL counts as signed, template 70; give each, in order")
        .sized(2, 256)
        .several(),
    number("sfi", "SFI that they stand in").sized(1, 30).or_else("1"),
    hex("tag-list", "Static data authentication tag list (9F4A)").sized(1, 8).optional(),
    hex("aip", "Application interchange profile (82)").sized(2).optional()};

Done oda_data(const Arguments& arguments, Result& result) {
  std::vector<emvcrypto::SignedRecord> records;
  for (const Bytes& record : arguments.byte_strings("record")) {
    records.push_back({static_cast<std::uint8_t>(arguments.number("sfi")), record});
    result.learn_tlv(record);
  }
  if (arguments.has("tag-list") && !arguments.has("aip"))
    return usage("missing: aip, which the tag list asks for");
  const auto data =
      emvcrypto::static_data(records, arguments.bytes("tag-list"), arguments.bytes("aip"));
  if (!data) return tl::unexpected(data.error());
  result.number("length", data->size());
  result.hex("static_data", *data);
  return {};
}

}  // namespace

constinit const Function kRecover{
    "recover", "Issuer and ICC certificates opened step by step", kRecoverParameters,
    "--ca FA448C5E365AB25569B6E65A1F0C8EF355AEE82F1E3FAB0FB6C9D34230D55EFF891CE7859A67731611E8800"
    "40F42AFB0CED76AB2A84AD179B3811E2EC731E2FB --cert 8A8869D436E180EF1B908B5EF4C71D0EFD1A56569AC"
    "9AC57C56543BF48EF1228614D498489B628F16A08DE522B1DC5EC65D544965B32598E882B84430DBFE582 "
    "--remainder DB2FD92C1FEC17380933C4AE05CCEDF2751D560A6CA2D213FF544DAB53503AF29F9686BD "
    "--icc-cert C08538103F559203E6ACD492258DF99B4CD1364C9A688C0CA5170DF54913F5CF4E485075AB19291CC"
    "03A8CFBEE1546FBDFD56CD6CA0CDFFFAEBD6ECC948C43D8 --icc-remainder "
    "E2DADD36E51F0F912991632B47F9CB143FD222F08A8A83AB488AC40F899A13ABDDFF455CCA8B33920771 "
    "--static-data 5F24033112315F3401013900 --pan 4761739001010010 --date 2026-11-22",
    recover};
constinit const Function kCaHash{
    "ca-hash", "Check sum of a CA key", kCaHashParameters,
    "--rid F000000001 --index F1 --ca FA448C5E365AB25569B6E65A1F0C8EF355AEE82F1E3FAB0FB6C9D34230D"
    "55EFF891CE7859A67731611E880040F42AFB0CED76AB2A84AD179B3811E2EC731E2FB",
    ca_hash};
constinit const Function kOdaData{
    "oda-data", "Static data to be authenticated, out of records", kOdaDataParameters,
    "--record 70065F2403311231 --record 70045F340101 --tag-list 82 --aip 3900", oda_data};

}  // namespace kpd::calc
