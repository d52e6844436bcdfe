// Card verification codes of contactless magnetic stripe mode.
#include "emvcrypto/cvc3.h"

#include "kpd/calc/card_key.h"
#include "kpd/calc/functions.h"

namespace kpd::calc {
namespace {

constexpr Parameter kTrack =
    hex("track", "Static data of the track, as the card holds them").sized(1, 79);
constexpr auto kIvParameters = join(kCardKeyParameters, std::array{kTrack});
constexpr auto kDynamicParameters = join(
    kCardKeyParameters, std::array{hex("ivcvc3", "IVCVC3; or track").sized(2).optional(),
                                   kTrack.optional(), hex("un", "Unpredictable number").sized(4),
                                   hex("atc", "Application transaction counter").sized(2)});

Done iv(const Arguments& arguments, Result& result) {
  const auto key = card_key(arguments, result);
  if (!key) return tl::unexpected(key.error());
  result.hex("ivcvc3", emvcrypto::ivcvc3(emvcrypto::make_retail_mac_key(key->expose()),
                                         arguments.bytes("track")));
  return {};
}

/// A code as bytes and as readers show it.
void show_code(ByteView ivcvc3, const Bytes& code, Result& result) {
  result.hex("ivcvc3", ivcvc3);
  result.hex("cvc3", code);
  result.text("decimal", emvcrypto::cvc3_digits(code, 5));
}

Done dynamic(const Arguments& arguments, Result& result) {
  if (arguments.has("ivcvc3") == arguments.has("track"))
    return usage("one of ivcvc3 and track is wanted");
  const auto key = card_key(arguments, result);
  if (!key) return tl::unexpected(key.error());
  const ByteView given = arguments.bytes("ivcvc3");
  const Bytes ivcvc3 = arguments.has("track")
                           ? emvcrypto::ivcvc3(emvcrypto::make_retail_mac_key(key->expose()),
                                               arguments.bytes("track"))
                           : Bytes(given.begin(), given.end());
  show_code(ivcvc3,
            emvcrypto::cvc3(*emvcrypto::make_des(key->expose()), ivcvc3, arguments.bytes("un"),
                            arguments.bytes("atc")),
            result);
  return {};
}

Done fixed(const Arguments& arguments, Result& result) {
  const auto key = card_key(arguments, result);
  if (!key) return tl::unexpected(key.error());
  const Bytes ivcvc3 =
      emvcrypto::ivcvc3(emvcrypto::make_retail_mac_key(key->expose()), arguments.bytes("track"));
  show_code(ivcvc3, emvcrypto::static_cvc3(*emvcrypto::make_des(key->expose()), ivcvc3), result);
  return {};
}

}  // namespace

constinit const Function kCvc3Iv{"cvc3 iv", "IVCVC3 of a track's static data", kIvParameters,
                                 "--imk 01234567899876543210012345678998 --pan 5123456789012345 "
                                 "--track 5123456789012345D35121010000000000000F --clear-test-keys",
                                 iv};
constinit const Function kCvc3Dynamic{
    "cvc3 dynamic", "Dynamic CVC3 of a transaction", kDynamicParameters,
    "--imk 01234567899876543210012345678998 --pan 5123456789012345 "
    "--track 5123456789012345D35121010000000000000F --un 00000899 --atc 005E --clear-test-keys",
    dynamic};
constinit const Function kCvc3Static{
    "cvc3 static", "Static CVC3 (unpredictable number and counter zero)", kIvParameters,
    "--imk 01234567899876543210012345678998 --pan 5123456789012345 "
    "--track 5123456789012345D35121010000000000000F --clear-test-keys",
    fixed};

}  // namespace kpd::calc
