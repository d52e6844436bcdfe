#include "kpd/calc/card_key.h"

#include "emvcrypto/derivation.h"

namespace kpd::calc {

Expected<Secret> card_key(const Arguments& arguments, Result& result) {
  if (arguments.has("udk") == arguments.has("imk"))
    return usage("one of udk and imk is wanted: the card's key, or the issuer's with pan and psn");
  if (arguments.has("imk") && !arguments.has("pan"))
    return usage("missing: pan, from which the card's key is derived");
  Secret udk;
  if (arguments.has("udk")) {
    udk = arguments.secret("udk").duplicate();
    result.check_value("udk", udk, KeyType::des);
  } else {
    const auto option =
        arguments.text("option") == "A" ? emvcrypto::UdkOption::a : emvcrypto::UdkOption::b;
    const auto imk = emvcrypto::make_des(arguments.secret("imk").expose());
    udk = emvcrypto::derive_udk(*imk, option, arguments.text("pan"), arguments.text("psn"));
    result.key("udk", udk, KeyType::des);
  }
  return udk;
}

}  // namespace kpd::calc
