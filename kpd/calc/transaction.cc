#include "kpd/calc/transaction.h"

namespace kpd::calc {

using emvcrypto::SessionKeyRule;

Expected<Bytes> value_or_tlv(const Arguments& arguments, std::string_view name,
                             emvcrypto::Tag tag) {
  ByteView value;
  if (arguments.has(name)) {
    value = arguments.bytes(name);
  } else {
    const auto found = emvcrypto::find_tlv(arguments.bytes("tlv"), tag);
    if (!found)
      return usage("missing: " + std::string(name) + " (or tag " + emvcrypto::tag_name(tag) +
                   " in tlv)");
    value = *found;
  }
  return Bytes(value.begin(), value.end());
}

Expected<Secret> version_key(const Arguments& arguments, SessionKeyRule rule, Result& result) {
  auto udk = card_key(arguments, result);
  if (!udk || rule == SessionKeyRule::none) return udk;
  const auto atc = value_or_tlv(arguments, "atc", 0x9F36);
  if (!atc) return tl::unexpected(atc.error());
  Bytes un;
  if (rule == SessionKeyRule::unpredictable) {
    auto given = value_or_tlv(arguments, "un", 0x9F37);
    if (!given) return tl::unexpected(given.error());
    un = *std::move(given);
  }
  Secret key = emvcrypto::derive_session_key(*udk, emvcrypto::session_key_input(rule, *atc, un));
  result.key("session_key", key, KeyType::des);
  return key;
}

}  // namespace kpd::calc
