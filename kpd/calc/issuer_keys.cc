// What issuers' hosts compute beside cryptograms: data authentication codes, key variants,
// cryptograms under AES.
#include "emvcrypto/cryptogram_aes.h"
#include "emvcrypto/dac.h"
#include "emvcrypto/key_variant.h"
#include "kpd/calc/functions.h"

namespace kpd::calc {
namespace {

constexpr std::array kDacParameters{key("imk-dac", "Issuer master key for the code (IMK-DAC)"),
                                    pan().bare(), psn()};

Done dac(const Arguments& arguments, Result& result) {
  const Secret& imk = arguments.secret("imk-dac");
  result.check_value("imk_dac", imk, KeyType::des);
  result.hex("dac",
             emvcrypto::data_authentication_code(*emvcrypto::make_des(imk.expose()),
                                                 arguments.text("pan"), arguments.text("psn")));
  return {};
}

constexpr std::array kVariantParameters{key("key", "DES key").sized(8, 24, 8),
                                        number("variant", "Number of the variant").sized(0, 31)};

Done variant(const Arguments& arguments, Result& result) {
  const Secret& key = arguments.secret("key");
  result.check_value("key", key, KeyType::des);
  result.key("variant",
             emvcrypto::key_variant(key, static_cast<unsigned>(arguments.number("variant"))),
             KeyType::des);
  return {};
}

constexpr Parameter kUdk = key("udk", "Card key (UDK by option C)").sized(16, 32, 8);
constexpr Parameter kAtc = hex("atc", "Application transaction counter (9F36)").sized(2);

Secret session_key(const Arguments& arguments, Result& result) {
  const Secret& udk = arguments.secret("udk");
  Secret key = emvcrypto::derive_session_key_aes(
      udk, emvcrypto::session_key_input_aes(arguments.bytes("atc"), udk.size()));
  result.check_value("udk", udk, KeyType::aes);
  result.key("session_key", key, KeyType::aes);
  return key;
}

constexpr std::array kAesAcParameters{kUdk, kAtc,
                                      hex("data", "What the cryptogram is over").sized(1, 252)};

Done aes_ac(const Arguments& arguments, Result& result) {
  const Secret key = session_key(arguments, result);
  result.hex("ac", emvcrypto::application_cryptogram_aes(*emvcrypto::make_aes(key.expose()),
                                                         arguments.bytes("data")));
  return {};
}

constexpr std::array kAesArpcParameters{
    kUdk,
    kAtc,
    hex("arqc", "The card's cryptogram (9F26)").sized(8),
    hex("arc", "Authorisation response code (8A), for method 1").sized(2).optional(),
    hex("csu", "Card status update, for method 2").sized(4).optional(),
    hex("proprietary", "Proprietary authentication data, for method 2").sized(1, 8).optional()};

Done aes_arpc(const Arguments& arguments, Result& result) {
  if (arguments.has("arc") == arguments.has("csu")) return usage("one of arc and csu is wanted");
  if (arguments.has("arc") && arguments.has("proprietary"))
    return usage("proprietary: method 1, which arc asks for, takes none");
  const Secret key = session_key(arguments, result);
  const auto cipher = emvcrypto::make_aes(key.expose());
  const ByteView arqc = arguments.bytes("arqc");
  result.hex("arpc", arguments.has("arc")
                         ? emvcrypto::arpc_method_1_aes(*cipher, arqc, arguments.bytes("arc"))
                         : emvcrypto::arpc_method_2_aes(*cipher, arqc, arguments.bytes("csu"),
                                                        arguments.bytes("proprietary")));
  return {};
}

}  // namespace

constinit const Function kDac{"dac", "Data authentication code of a card (9F45)", kDacParameters,
                              "--imk-dac 0123456789ABCDEFFEDCBA9876543210 --pan 1234567890123456 "
                              "--clear-test-keys",
                              dac};
constinit const Function kVariant{"variant", "Variant of a DES key", kVariantParameters,
                                  "--key 0123456789ABCDEFFEDCBA9876543210 --variant 6 "
                                  "--clear-test-keys",
                                  variant};
constinit const Function kAesAc{
    "aes-ac", "Application cryptogram over data, for cards with AES keys", kAesAcParameters,
    "--udk F5C0A799FFBED1DB4F9BD2E54BF2CFD9 --atc 001C --data 0123456789ABCDEF0123 "
    "--clear-test-keys",
    aes_ac};
constinit const Function kAesArpc{
    "aes-arpc", "Issuer's answer to a cryptogram, for cards with AES keys", kAesArpcParameters,
    "--udk F5C0A799FFBED1DB4F9BD2E54BF2CFD9 --atc 001C --arqc 0123456789ABCDEF --csu 00000000 "
    "--clear-test-keys",
    aes_arpc};

}  // namespace kpd::calc
