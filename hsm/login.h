/// The log-in to a token. Internal to hsm.
#pragma once

#include "hsm/token_state.h"

namespace hsm {

/// Whether the token wants a log-in that this process has not made yet.
bool needs_login(const CK_TOKEN_INFO& info, Session& session);

/// Asks for the PIN and logs in by the token's anchor session. Throws SetupError when the PIN is
/// refused (then never tried again in this process) or when trying it could lock it.
void log_in(Token::State& token, PinSource& pins);

}  // namespace hsm
