// Signed data of offline data authentication: SDA, DDA and CDA, verified and made.
#include <fmt/format.h>

#include "emvcrypto/certificates.h"
#include "emvcrypto/hash.h"
#include "kpd/calc/functions.h"
#include "kpd/calc/rsa_keys.h"

namespace kpd::calc {
namespace {

using emvcrypto::RsaPublicKey;

constexpr Parameter kIssuerKey = modulus("key", "Modulus of the issuer's key (see recover)");
constexpr Parameter kIccKey = modulus("key", "Modulus of the ICC's key (see recover)");
constexpr Parameter kExponent = exponent("exponent", "Exponent of the key");
constexpr Parameter kStaticData =
    hex("static-data", "Static data to be authenticated (see oda-data)").sized(1, 65536);
constexpr Parameter kDynamicNumber = hex("number", "ICC dynamic number (9F4C)").sized(2, 8);
constexpr Parameter kTerminalData =
    hex("terminal-data", "Values of the DDOL; mostly the unpredictable number").sized(0, 252);
constexpr Parameter kUn = hex("un", "Unpredictable number (9F37)").sized(4);
constexpr Parameter kTransactionData =
    hex("transaction-data",
        "Values of PDOL, CDOL1 (and CDOL2), then the response's TLV without 9F4B")
        .sized(1, 65536);

constexpr std::array kSdaVerifyParameters{
    kIssuerKey, kExponent,
    hex("ssad", "Signed static application data (93)").sized(kLeastModulus, kMostModulus),
    kStaticData};

Done sda_verify(const Arguments& arguments, Result& result) {
  const auto key = public_key(arguments, "key", "exponent");
  if (!key) return tl::unexpected(key.error());
  const auto opened = open_block(*key, arguments.bytes("ssad"));
  if (!opened) return tl::unexpected(opened.error());
  result.hex("recovered", *opened);
  const auto dac =
      emvcrypto::recover_ssad(*key, arguments.bytes("ssad"), arguments.bytes("static-data"));
  if (!dac) return tl::unexpected(dac.error());
  result.hex("dac", *dac);
  return {};
}

constexpr std::array kSdaSignParameters{
    kIssuerKey, kExponent, private_exponent(),
    hex("dac", "Data authentication code (9F45)").sized(2).or_else("0000"), kStaticData};

Done signed_block(const Arguments& arguments, const RsaPublicKey& key, ByteView block,
                  const char* name, Result& result) {
  const auto signature = sign(key, arguments.secret("private"), block);
  if (!signature) return tl::unexpected(signature.error());
  result.hex("block", block);
  result.hex(name, *signature);
  return {};
}

Done sda_sign(const Arguments& arguments, Result& result) {
  const auto key = public_key(arguments, "key", "exponent");
  if (!key) return tl::unexpected(key.error());
  return signed_block(
      arguments, *key,
      emvcrypto::ssad_block(arguments.bytes("dac"), arguments.bytes("static-data"), key->size()),
      "ssad", result);
}

constexpr Parameter kSdad =
    hex("sdad", "Signed dynamic application data (9F4B)").sized(kLeastModulus, kMostModulus);
constexpr std::array kDdaVerifyParameters{kIccKey, kExponent, kSdad, kTerminalData};

/// The ICC dynamic data of a signature, its number shown; what follows the number is returned.
Expected<Bytes> open_dynamic(const Arguments& arguments, ByteView terminal_data, Result& result) {
  const auto key = public_key(arguments, "key", "exponent");
  if (!key) return tl::unexpected(key.error());
  const auto opened = open_block(*key, arguments.bytes("sdad"));
  if (!opened) return tl::unexpected(opened.error());
  result.hex("recovered", *opened);
  auto data = emvcrypto::recover_sdad(*key, arguments.bytes("sdad"), terminal_data);
  if (!data) return data;
  if (data->empty() || data->front() >= data->size())
    return emvcrypto::fault("cert-length", "the ICC dynamic number is longer than its data");
  const ByteView view(*data);
  const std::size_t size = view[0];
  result.hex("dynamic_number", view.subspan(1, size));
  const ByteView rest = view.subspan(1 + size);
  return Bytes(rest.begin(), rest.end());
}

Done dda_verify(const Arguments& arguments, Result& result) {
  const auto rest = open_dynamic(arguments, arguments.bytes("terminal-data"), result);
  if (!rest) return tl::unexpected(rest.error());
  if (!rest->empty()) result.hex("further_data", *rest);
  return {};
}

constexpr std::array kDdaSignParameters{kIccKey, kExponent, private_exponent(), kDynamicNumber,
                                        kTerminalData};

Bytes sized_number(const Arguments& arguments) {
  const ByteView number = arguments.bytes("number");
  return emvcrypto::concat({Bytes{static_cast<std::uint8_t>(number.size())}, number});
}

Done dda_sign(const Arguments& arguments, Result& result) {
  const auto key = public_key(arguments, "key", "exponent");
  if (!key) return tl::unexpected(key.error());
  return signed_block(
      arguments, *key,
      emvcrypto::sdad_block(sized_number(arguments), arguments.bytes("terminal-data"), key->size()),
      "sdad", result);
}

constexpr std::array kCdaVerifyParameters{kIccKey, kExponent, kSdad, kUn,
                                          kTransactionData.optional()};

Done cda_verify(const Arguments& arguments, Result& result) {
  const auto rest = open_dynamic(arguments, arguments.bytes("un"), result);
  if (!rest) return tl::unexpected(rest.error());
  constexpr std::size_t kSize = 1 + 8 + 20;  // CID, AC, hash
  if (rest->size() < kSize)
    return emvcrypto::fault("cert-length", "this signature holds no cryptogram: DDA, not CDA");
  const ByteView view(*rest);
  result.hex("cid", view.first(1));
  result.hex("ac", view.subspan(1, 8));
  const ByteView hash = view.subspan(9, 20);
  result.hex("transaction_hash", hash);
  if (!arguments.has("transaction-data")) return {};
  const Bytes computed = emvcrypto::sha1({arguments.bytes("transaction-data")});
  result.hex("hash_computed", computed);
  if (!std::ranges::equal(computed, hash))
    return emvcrypto::fault("cert-hash", "the transaction data are other ones than were signed");
  return {};
}

constexpr std::array kCdaSignParameters{kIccKey,
                                        kExponent,
                                        private_exponent(),
                                        kDynamicNumber,
                                        hex("cid", "Cryptogram information data (9F27)").sized(1),
                                        hex("ac", "Application cryptogram (9F26)").sized(8),
                                        kUn,
                                        kTransactionData};

Done cda_sign(const Arguments& arguments, Result& result) {
  const auto key = public_key(arguments, "key", "exponent");
  if (!key) return tl::unexpected(key.error());
  const Bytes data =
      emvcrypto::concat({sized_number(arguments), arguments.bytes("cid"), arguments.bytes("ac"),
                         emvcrypto::sha1({arguments.bytes("transaction-data")})});
  return signed_block(arguments, *key,
                      emvcrypto::sdad_block(data, arguments.bytes("un"), key->size()), "sdad",
                      result);
}

}  // namespace

constinit const Function kSdaVerify{
    "sda verify", "Signed static application data (93) opened", kSdaVerifyParameters,
    "--key C803FC38DAE0FBA2F20B33DE92C1378EDF69424136F49F73E86A8DF7DB2FD92C1FEC17380933C4AE05CCED"
    "F2751D560A6CA2D213FF544DAB53503AF29F9686BD --ssad 958E1527AAC589FE27073F2180294B2018F2ACD447"
    "27ABCDA023817E5E74F744ABBB0FB10C341DE63978CB216A313C1EC7330A20552C47C1624C323470214767 "
    "--static-data 5F24033112315F3401013900",
    sda_verify};
constinit const Function kSdaSign{
    "sda sign", "Signed static application data (93) made", kSdaSignParameters,
    "--key C803FC38DAE0FBA2F20B33DE92C1378EDF69424136F49F73E86A8DF7DB2FD92C1FEC17380933C4AE05CCED"
    "F2751D560A6CA2D213FF544DAB53503AF29F9686BD --private 8557FD7B3C95FD174C0777E9B72B7A5F3F9B818"
    "0CF4DBFA29AF1B3FA921FE61C3C6B73883393FADF7DA1DB99954BAF71D5A90DDD2F99D46BF057E3B83087FA6B "
    "--dac DAC1 --static-data 5F24033112315F3401013900 --clear-test-keys",
    sda_sign};
constinit const Function kDdaVerify{
    "dda verify", "Signed dynamic application data (9F4B) opened", kDdaVerifyParameters,
    "--key B7AEC13E35A1A45761E8ED5024C1769E02A33130AE3CE2DADD36E51F0F912991632B47F9CB143FD222F08A"
    "8A83AB488AC40F899A13ABDDFF455CCA8B33920771 --sdad 5509CB4BE1F0F27D59AC6012C482899B286B365BDA"
    "26CA128A3A1F75E902B56283AF9CB50CD9371C77B1F398754EC78B441723895B06D7986B2A5E605192355E "
    "--terminal-data 12345678",
    dda_verify};
constinit const Function kDdaSign{
    "dda sign", "Signed dynamic application data (9F4B) made", kDdaSignParameters,
    "--key B7AEC13E35A1A45761E8ED5024C1769E02A33130AE3CE2DADD36E51F0F912991632B47F9CB143FD222F08A"
    "8A83AB488AC40F899A13ABDDFF455CCA8B33920771 --private 7A7480D423C1183A4145F38AC32BA4695717762"
    "07428973C9379EE14B50B710A760ABCE39E865D7686D44420A0B1447A04A56CC103C9EE6140CB81CA074840A3 "
    "--number A1B2C3D4 --terminal-data 12345678 --clear-test-keys",
    dda_sign};
constinit const Function kCdaVerify{
    "cda verify", "9F4B of a combined generation opened", kCdaVerifyParameters,
    "--key B7AEC13E35A1A45761E8ED5024C1769E02A33130AE3CE2DADD36E51F0F912991632B47F9CB143FD222F08A"
    "8A83AB488AC40F899A13ABDDFF455CCA8B33920771 --sdad 62AEE94FBEC6924A408D9E7E29E130F5ADA27B29CB"
    "164BC9C9F7AB23DB1E248516F5B8E9CF048C9B31B8E04E37B0B36ADAED2251DE1AAEA06E5E89C30AA38088 --un "
    "12345678 --transaction-data 0000000012340978123456789F2701809F360200019F26080123456789ABCDEF"
    "9F10021234",
    cda_verify};
constinit const Function kCdaSign{
    "cda sign", "9F4B of a combined generation made", kCdaSignParameters,
    "--key B7AEC13E35A1A45761E8ED5024C1769E02A33130AE3CE2DADD36E51F0F912991632B47F9CB143FD222F08A"
    "8A83AB488AC40F899A13ABDDFF455CCA8B33920771 --private 7A7480D423C1183A4145F38AC32BA4695717762"
    "07428973C9379EE14B50B710A760ABCE39E865D7686D44420A0B1447A04A56CC103C9EE6140CB81CA074840A3 "
    "--number A1B2C3D4 --cid 80 --ac 0123456789ABCDEF --un 12345678 --transaction-data "
    "0000000012340978123456789F2701809F360200019F26080123456789ABCDEF9F10021234 --clear-test-keys",
    cda_sign};

}  // namespace kpd::calc
