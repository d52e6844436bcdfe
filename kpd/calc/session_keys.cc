// Session keys of application cryptograms and scripts.
#include "emvcrypto/cryptogram.h"
#include "kpd/calc/card_key.h"
#include "kpd/calc/functions.h"

namespace kpd::calc {
namespace {

constexpr auto kParameters =
    join(kCardKeyParameters,
         std::array{choice("rule", "common unpredictable script",
                           "common: by the ATC; unpredictable: by ATC and UN; script: by the "
                           "cryptogram, for SMI and SMC"),
                    hex("atc", "Application transaction counter (9F36)").sized(2).optional(),
                    hex("un", "Unpredictable number (9F37)").sized(4).optional(),
                    hex("ac", "Application cryptogram (9F26)").sized(8).optional()});

Done session_key(const Arguments& arguments, Result& result) {
  const std::string& rule = arguments.text("rule");
  const bool script = rule == "script";
  for (const char* name : {"atc", "un", "ac"}) {
    const bool wanted = script ? std::string_view(name) == "ac"
                        : std::string_view(name) == "atc"
                            ? true
                            : rule == "unpredictable" && std::string_view(name) == "un";
    if (wanted && !arguments.has(name))
      return usage(std::string("missing: ") + name + ", from which this rule derives");
  }
  auto udk = card_key(arguments, result);
  if (!udk) return tl::unexpected(udk.error());
  const Bytes input = script ? emvcrypto::script_key_input(arguments.bytes("ac"))
                             : emvcrypto::session_key_input(
                                   rule == "common" ? emvcrypto::SessionKeyRule::common
                                                    : emvcrypto::SessionKeyRule::unpredictable,
                                   arguments.bytes("atc"), arguments.bytes("un"));
  result.hex("input", input);
  result.key("session_key", emvcrypto::derive_session_key(*udk, input), KeyType::des);
  return {};
}

}  // namespace

constinit const Function kSk{
    "sk", "Session key from a card key", kParameters,
    "--rule script --udk 946DC1A8C78A624519BC4645CB073737 --ac 1234567890123456 --clear-test-keys",
    session_key};

}  // namespace kpd::calc
