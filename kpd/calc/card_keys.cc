// Keys of cards: by PAN from the issuer's, by KEYDATA from a chip maker's.
#include "emvcrypto/derivation.h"
#include "kpd/calc/functions.h"

namespace kpd::calc {
namespace {

using emvcrypto::CardKey;
using emvcrypto::UdkOption;

constexpr std::array kUdkParameters{
    choice("option", "A B C", "Derivation: A and B by 3DES, C by AES").or_else("A"),
    key("imk", "Issuer master key (IMK): 16 bytes; for option C also 24 or 32").sized(16, 32, 8),
    pan().bare(), psn()};

Done udk(const Arguments& arguments, Result& result) {
  const std::string& letter = arguments.text("option");
  const auto option = letter == "A" ? UdkOption::a : letter == "B" ? UdkOption::b : UdkOption::c;
  const Secret& imk = arguments.secret("imk");
  if (option != UdkOption::c && imk.size() != 16)
    return usage("imk: options A and B are over a key of 16 bytes");
  const auto cipher = option == UdkOption::c ? emvcrypto::make_aes(imk.expose())
                                             : emvcrypto::make_des(imk.expose());
  const std::string& pan = arguments.text("pan");
  const std::string& psn = arguments.text("psn");
  const Bytes input = emvcrypto::udk_input(option, pan, psn, imk.size());
  const std::size_t y_size = option == UdkOption::c ? 16 : 8;
  result.check_value("imk", imk, option == UdkOption::c ? KeyType::aes : KeyType::des);
  result.pan("y", emvcrypto::to_hex(ByteView(input).first(y_size)));
  result.key("udk", emvcrypto::derive_udk(*cipher, option, pan, psn, imk.size()),
             option == UdkOption::c ? KeyType::aes : KeyType::des);
  return {};
}

constexpr std::array kKdcParameters{
    key("kmc", "Personalisation master key (KMC)"),
    hex("keydata", "KEYDATA of INITIALIZE UPDATE's answer").sized(10).bare(),
    choice("rule", "cps split",
           "cps: its 6 rightmost bytes; split: its bytes 1-2 and 5-8, an older rule")
        .or_else("cps")};

Done kdc(const Arguments& arguments, Result& result) {
  const ByteView data = arguments.bytes("keydata");
  const bool cps = arguments.text("rule") == "cps";
  const auto kmc = emvcrypto::make_des(arguments.secret("kmc").expose());
  result.check_value("kmc", arguments.secret("kmc"), KeyType::des);
  constexpr std::pair<const char*, CardKey> kKeys[] = {
      {"enc", CardKey::enc}, {"mac", CardKey::mac}, {"dek", CardKey::dek}};
  for (const auto& [name, which] : kKeys) {
    Secret derived(cps ? emvcrypto::kdc_input_cps(data, which)
                       : emvcrypto::kdc_input_split(data, which));
    kmc->encrypt(derived.expose_mutable());
    result.key(name, derived, KeyType::des);
  }
  return {};
}

}  // namespace

constinit const Function kUdk{
    "udk", "Card key (UDK) from an issuer master key, PAN and PSN", kUdkParameters,
    "--option B --imk 0123456789ABCDEFFEDCBA9876543210 --pan 99012345678901234 --psn 45 "
    "--clear-test-keys",
    udk};

constinit const Function kKdc{
    "kdc", "Secure channel keys of a chip (KDC) from KMC and KEYDATA", kKdcParameters,
    "--kmc 404142434445464748494A4B4C4D4E4F --keydata 00010203040506070809 --clear-test-keys", kdc};

}  // namespace kpd::calc
