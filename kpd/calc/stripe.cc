// Card numbers and tracks.
#include <fmt/format.h>

#include "emvcrypto/pan.h"
#include "emvcrypto/tracks.h"
#include "kpd/calc/functions.h"

namespace kpd::calc {
namespace {

constexpr std::array kPanParameters{
    pan().bare(), truth("append", "It lacks its check digit: append the right one")};

Done check_pan(const Arguments& arguments, Result& result) {
  const std::string& digits = arguments.text("pan");
  if (arguments.truth("append")) {
    if (digits.size() > 18) return usage("pan: with its check digit it would have 20 digits");
    const char check = emvcrypto::luhn_digit(digits);
    result.learn_pan(digits + check);
    result.pan("pan", digits + check);
    result.text("check_digit", std::string(1, check));
    return {};
  }
  const bool valid = emvcrypto::luhn_valid(digits);
  result.pan("pan", digits);
  result.number("length", digits.size());
  result.truth("luhn", valid);
  if (!valid) return emvcrypto::fault("luhn", "the check digit is wrong");
  return {};
}

constexpr std::array kTrack2ShowParameters{
    hex("data", "Track 2 equivalent data (57)").sized(7, 19).bare()};

Done track2_show(const Arguments& arguments, Result& result) {
  std::string track = emvcrypto::to_hex(arguments.bytes("data"));
  if (track.back() == 'F') track.pop_back();
  const std::size_t separator = track.find('D');
  const auto all_digits = [](std::string_view text) {
    return text.find_first_not_of("0123456789") == std::string_view::npos;
  };
  const std::string pan = track.substr(0, separator);
  const std::string rest = separator == std::string::npos ? "" : track.substr(separator + 1);
  if (pan.empty() || pan.size() > 19 || rest.size() < 7 || !all_digits(pan) || !all_digits(rest))
    return emvcrypto::fault("track2", "this is no PAN, D, YYMM, service code and digits");
  result.learn_pan(pan);
  result.pan("pan", pan);
  result.truth("luhn", emvcrypto::luhn_valid(pan));
  result.text("expiry_yymm", rest.substr(0, 4));
  result.text("service_code", rest.substr(4, 3));
  result.text("discretionary", result.mask().all(rest.substr(7)));
  return {};
}

constexpr std::array kTrack2BuildParameters{
    pan().sized(12, 19), digits("expiry", "Expiry date, YYMM").sized(4),
    digits("service-code", "Service code").sized(3),
    digits("discretionary", "Discretionary data").sized(0, 24).optional()};

Done track2_build(const Arguments& arguments, Result& result) {
  const emvcrypto::TrackData data{arguments.text("pan"),
                                  {},
                                  arguments.text("expiry"),
                                  arguments.text("service-code"),
                                  arguments.has("discretionary")
                                      ? std::string_view(arguments.text("discretionary"))
                                      : std::string_view()};
  result.hex("tag_57", emvcrypto::track2_equivalent(data));
  result.text("stripe", result.mask().track(emvcrypto::track2(data)));
  return {};
}

}  // namespace

constinit const Function kPan{"pan", "Check digit (Luhn) of a card number", kPanParameters,
                              "4761739001010010", check_pan};
constinit const Function kTrack2Show{"track2 show", "Track 2 equivalent data (57) in fields",
                                     kTrack2ShowParameters,
                                     "4761739001010010D31122011143804400000F", track2_show};
constinit const Function kTrack2Build{
    "track2 build", "Track 2, in the chip and on the stripe", kTrack2BuildParameters,
    "--pan 4761739001010010 --expiry 3112 --service-code 201 --discretionary 11438 --show-pan",
    track2_build};

}  // namespace kpd::calc
