// Card verification values and PIN verification values.
#include "emvcrypto/cvv.h"
#include "emvcrypto/pvv.h"
#include "kpd/calc/functions.h"

namespace kpd::calc {
namespace {

constexpr Parameter kCvk = key("cvk", "Card verification key, both halves");
constexpr Parameter kPan = pan().sized(12, 19);
constexpr Parameter kExpiry = digits("expiry", "Expiry date as the value counts it").sized(4);

constexpr std::array kCvvParameters{kCvk, kPan, kExpiry,
                                    digits("service-code", "Service code of the stripe").sized(3)};
constexpr std::array kOtherParameters{kCvk, kPan, kExpiry};

Done value_for(const Arguments& arguments, Result& result, std::string_view service_code) {
  const Secret& cvk = arguments.secret("cvk");
  const emvcrypto::CvvInput input{arguments.text("pan"), arguments.text("expiry"), service_code};
  const auto values = emvcrypto::card_verification_values(
      emvcrypto::make_retail_mac_key(cvk.expose()), std::span(&input, 1));
  result.check_value("cvk", cvk, KeyType::des);
  result.text("service_code", service_code);
  result.text("value", values.at(0));
  return {};
}

Done cvv(const Arguments& arguments, Result& result) {
  return value_for(arguments, result, arguments.text("service-code"));
}
Done cvv2(const Arguments& arguments, Result& result) {
  return value_for(arguments, result, "000");
}
Done icvv(const Arguments& arguments, Result& result) {
  return value_for(arguments, result, "999");
}

constexpr std::array kPvvParameters{key("pvk", "PIN verification key, both halves"), kPan,
                                    digits("pvki", "Index of the key (PVKI)").sized(1).or_else("1"),
                                    pin()};

Done pvv(const Arguments& arguments, Result& result) {
  const Secret& pvk = arguments.secret("pvk");
  const emvcrypto::PvvInput input{arguments.text("pan"), arguments.text("pvki").at(0),
                                  &arguments.secret("pin")};
  const auto cipher = emvcrypto::make_des(pvk.expose());
  result.check_value("pvk", pvk, KeyType::des);
  result.text("pvv", emvcrypto::pin_verification_values(*cipher, std::span(&input, 1)).at(0));
  return {};
}

}  // namespace

constinit const Function kCvv{
    "cvv", "Card verification value of the stripe (CVV, CVC1)", kCvvParameters,
    "--cvk 99999999999999998888888888888888 --pan 2222222222222222 --expiry 3333 "
    "--service-code 111 --clear-test-keys",
    cvv};
constinit const Function kCvv2{
    "cvv2", "Card verification value for the signature panel (service code 000)", kOtherParameters,
    "--cvk 0123456789ABCDEFFEDCBA9876543210 --pan 4123456789012345 --expiry 0187 "
    "--clear-test-keys",
    cvv2};
constinit const Function kIcvv{
    "icvv", "Card verification value in the chip (service code 999)", kOtherParameters,
    "--cvk 0123456789ABCDEFFEDCBA9876543210 --pan 4123456789012345 --expiry 8701 "
    "--clear-test-keys",
    icvv};
constinit const Function kPvv{
    "pvv", "PIN verification value", kPvvParameters,
    "--pvk 0123456789ABCDEFFEDCBA9876543210 --pan 1122334455667788 --pin 4524 --clear-test-keys",
    pvv};

}  // namespace kpd::calc
