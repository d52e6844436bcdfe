// Issuer scripts: MACs, enciphered data, PIN changes.
#include "emvcrypto/cryptogram.h"
#include "emvcrypto/script.h"
#include "kpd/calc/card_key.h"
#include "kpd/calc/functions.h"

namespace kpd::calc {
namespace {

using emvcrypto::PinChangeBlock;
using emvcrypto::ScriptRules;

/// Each function takes the rules of a cryptogram version, or those that it needs one by one.
constexpr Parameter kVersion =
    version().optional().called("version", "Cryptogram version whose script rules are taken");
constexpr Parameter kKeyRule =
    choice("key-rule", "counter cryptogram",
           "Session keys without a version: the card key xor the ATC, or by the cryptogram")
        .optional();
constexpr Parameter kEncipherment =
    choice("encipherment", "length-first whole-blocks padded",
           "Data without a version: ECB of length and data; CBC padded where needed; or always")
        .optional();
constexpr Parameter kPinBlock =
    choice("pin-block", "bound-to-key format-2", "PIN block without a version").optional();
constexpr Parameter kAtc = hex("atc", "Application transaction counter (9F36)").sized(2);
constexpr Parameter kAc = hex("ac", "Application cryptogram of the transaction (9F26)").sized(8);

/// A rule that was given as a word; its place among the choices is its number.
template <typename Rule>
Done take_rule(const Arguments& arguments, const Parameter& parameter, Rule& rule) {
  if (!arguments.has(parameter.name))
    return usage("missing: version, or " + std::string(parameter.name));
  const auto words = choices_of(parameter);
  const auto place = std::ranges::find(words, arguments.text(parameter.name)) - words.begin();
  rule = static_cast<Rule>(place);
  return {};
}

/// The rules that a function's parameters ask for.
Expected<ScriptRules> rules_of(const Arguments& arguments, bool encipherment, bool pin_block) {
  if (arguments.has("version")) {
    const ScriptRules* rules = emvcrypto::find_script_rules(arguments.text("version"));
    if (rules == nullptr)
      return usage(
          "version: its script rules are not known; give key-rule and what else is wanted");
    return *rules;
  }
  ScriptRules rules{};
  Done taken = take_rule(arguments, kKeyRule, rules.key);
  if (taken && encipherment) taken = take_rule(arguments, kEncipherment, rules.encipherment);
  if (taken && pin_block) taken = take_rule(arguments, kPinBlock, rules.pin_block);
  if (!taken) return tl::unexpected(taken.error());
  return rules;
}

Secret session_key(const Arguments& arguments, const Secret& master, const ScriptRules& rules) {
  return emvcrypto::derive_script_key(master, rules.key, arguments.bytes("atc"),
                                      arguments.bytes("ac"));
}

constexpr auto kMacParameters =
    join(join(std::array{kVersion, kKeyRule}, kCardKeyParameters),
         std::array{kAtc, kAc, hex("header", "CLA INS P1 P2 of the command").sized(4),
                    hex("data", "Data of the command as they are sent").sized(0, 247).optional(),
                    number("length", "Bytes of the MAC").sized(4, 8).or_else("8")});

Done script_mac(const Arguments& arguments, Result& result) {
  const auto rules = rules_of(arguments, false, false);
  if (!rules) return tl::unexpected(rules.error());
  const auto smi = card_key(arguments, result);
  if (!smi) return tl::unexpected(smi.error());
  const Secret session = session_key(arguments, *smi, *rules);
  result.key("session_key", session, KeyType::des);
  const std::size_t length = arguments.number("length");
  const ByteView data = arguments.bytes("data");
  Bytes header = emvcrypto::concat({arguments.bytes("header")});
  header.push_back(static_cast<std::uint8_t>(data.size() + length));
  const Bytes mac =
      emvcrypto::script_mac(emvcrypto::make_retail_mac_key(session.expose()), header,
                            arguments.bytes("atc"), arguments.bytes("ac"), data, length);
  result.hex("mac", mac);
  result.hex("command", emvcrypto::concat({header, data, mac}));
  return {};
}

constexpr auto kEncipherParameters =
    join(join(std::array{kVersion, kKeyRule, kEncipherment}, kCardKeyParameters),
         std::array{kAtc, kAc, key("data", "Clear data of the command").sized(1, 239)});

Done encipher(const Arguments& arguments, Result& result) {
  const auto rules = rules_of(arguments, true, false);
  if (!rules) return tl::unexpected(rules.error());
  const auto smc = card_key(arguments, result);
  if (!smc) return tl::unexpected(smc.error());
  const Secret session = session_key(arguments, *smc, *rules);
  result.key("session_key", session, KeyType::des);
  const auto cipher = emvcrypto::make_des(session.expose());
  result.hex("data", emvcrypto::encipher_script_data(*cipher, arguments.secret("data"),
                                                     rules->encipherment));
  return {};
}

constexpr std::array kPinChangeParameters{
    kVersion,
    kKeyRule,
    kEncipherment,
    kPinBlock,
    key("udk-smi", "Card key for script MACs"),
    key("udk-smc", "Card key for enciphered script data"),
    key("udk-ac", "Card key for cryptograms, for a block bound to it").optional(),
    kAtc,
    kAc,
    pin().called("pin", "New PIN"),
    pin().called("present-pin", "Present PIN, for a block bound to it too").optional()};

Done pin_change(const Arguments& arguments, Result& result) {
  const auto rules = rules_of(arguments, true, true);
  if (!rules) return tl::unexpected(rules.error());
  const bool bound = rules->pin_block == PinChangeBlock::bound_to_key;
  if (bound && !arguments.has("udk-ac"))
    return usage("missing: udk-ac, which the block is bound to");
  if (!bound && arguments.has("present-pin"))
    return usage("present-pin: a block of format 2 takes none");
  const Secret smi = session_key(arguments, arguments.secret("udk-smi"), *rules);
  const Secret smc = session_key(arguments, arguments.secret("udk-smc"), *rules);
  result.key("session_smi", smi, KeyType::des);
  result.key("session_smc", smc, KeyType::des);
  emvcrypto::PinChange change;
  change.rules = &*rules;
  change.udk_ac = bound ? &arguments.secret("udk-ac") : nullptr;
  change.new_pin = &arguments.secret("pin");
  change.present_pin = arguments.has("present-pin") ? &arguments.secret("present-pin") : nullptr;
  change.atc = arguments.bytes("atc");
  change.application_cryptogram = arguments.bytes("ac");
  const auto cipher = emvcrypto::make_des(smc.expose());
  result.hex("command", emvcrypto::pin_change_command(
                            change, emvcrypto::make_retail_mac_key(smi.expose()), *cipher));
  return {};
}

}  // namespace

constinit const Function kScriptMac{
    "script-mac", "MAC of an issuer script command", kMacParameters,
    "--key-rule cryptogram --udk 946DC1A8C78A624519BC4645CB073737 --atc 001C "
    "--ac 29CCA15AE665FA2E --header 841E0000 --clear-test-keys",
    script_mac};
constinit const Function kScriptEncipher{
    "script-encipher", "Enciphered data of an issuer script command", kEncipherParameters,
    "--key-rule counter --encipherment length-first --udk 946DC1A8C78A624519BC4645CB073737 "
    "--atc 001C --ac 29CCA15AE665FA2E --data 241234FFFFFFFFFF --clear-test-keys",
    encipher};
constinit const Function kPinChange{
    "pin-change", "PIN CHANGE command with an enciphered PIN and MAC", kPinChangeParameters,
    "--key-rule cryptogram --encipherment whole-blocks --pin-block format-2 "
    "--udk-smi 946DC1A8C78A624519BC4645CB073737 --udk-smc 154F349D8585CB7F6B0798E9839B10C1 "
    "--atc 001C --ac 29CCA15AE665FA2E --pin 1234 --clear-test-keys",
    pin_change};

}  // namespace kpd::calc
