/// What the calculator's functions of both secure channel protocols share.
#pragma once

#include "emvcrypto/secure_channel.h"
#include "kpd/calc/function.h"

namespace kpd::calc {

constexpr Parameter channel_commands() {
  return hex("command", "Command APDU to wrap; give each, in order")
      .sized(4, 261)
      .several()
      .optional();
}

constexpr Parameter channel_secrets() {
  return key("secret", "Secret to encipher under the session's DEK, whole blocks; may be repeated")
      .sized(8, 240, 8)
      .several()
      .optional();
}

/// Whether the card is genuine, EXTERNAL AUTHENTICATE by parameter level, the wrapped commands, and
/// what the card's answers (parameter response, data and status word) hold, the secrets enciphered.
/// Fault "scp-cryptogram" when the card's cryptogram is wrong.
Done run_channel(emvcrypto::SecureChannel& channel, const Arguments& arguments, Result& result);

}  // namespace kpd::calc
