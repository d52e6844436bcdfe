// PINs from keys (IBM 3624) and offsets to them.
#include "emvcrypto/ibm3624.h"

#include "kpd/calc/functions.h"

namespace kpd::calc {
namespace {

constexpr std::array<Parameter, 3> kCommon{
    key("pvk", "PIN verification key"),
    hex("validation", "Validation data, mostly out of the PAN").sized(8),
    digits("table", "Decimalisation table: the digit for each hexadecimal digit")
        .sized(16)
        .or_else("0123456789012345")};
constexpr auto kPinParameters =
    join(kCommon, std::array{digits("offset", "Offset; its length is the PIN's").sized(4, 12)});
constexpr auto kOffsetParameters = join(kCommon, std::array{pin()});

Expected<Secret> natural(const Arguments& arguments, std::size_t length, Result& result) {
  if (!emvcrypto::is_decimalisation_table(arguments.text("table")))
    return usage("table: fewer than 8 different digits would give PINs away");
  const auto cipher = emvcrypto::make_des(arguments.secret("pvk").expose());
  const std::string validation = emvcrypto::to_hex(arguments.bytes("validation"));
  auto pins =
      emvcrypto::natural_pins(*cipher, std::span(&validation, 1), arguments.text("table"), length);
  result.check_value("pvk", arguments.secret("pvk"), KeyType::des);
  result.secret("natural_pin", pins.at(0), false);
  return std::move(pins.at(0));
}

Done pin_of(const Arguments& arguments, Result& result) {
  const std::string& offset = arguments.text("offset");
  const auto start = natural(arguments, offset.size(), result);
  if (!start) return tl::unexpected(start.error());
  result.secret("pin", emvcrypto::pin_from_offset(*start, offset), false);
  return {};
}

Done offset_of(const Arguments& arguments, Result& result) {
  const Secret& pin = arguments.secret("pin");
  const auto start = natural(arguments, pin.size(), result);
  if (!start) return tl::unexpected(start.error());
  result.text("offset", emvcrypto::pin_offset(pin, *start));
  return {};
}

}  // namespace

constinit const Function kIbm3624Pin{
    "ibm3624 pin", "PIN from PVK, validation data and offset", kPinParameters,
    "--pvk 0123456789ABCDEFFEDCBA9876543210 --validation 1122334455667788 "
    "--table 1234567890123456 --offset 1111 --clear-test-keys",
    pin_of};
constinit const Function kIbm3624Offset{
    "ibm3624 offset", "Offset of a PIN", kOffsetParameters,
    "--pvk 0123456789ABCDEFFEDCBA9876543210 --validation 1122334455667788 "
    "--table 1234567890123456 --pin 5635 --clear-test-keys",
    offset_of};

}  // namespace kpd::calc
