/// Finding out what a device really does. Internal to hsm.
#pragma once

#include "hsm/token_state.h"

namespace hsm {

/// Tries an operation once with session keys made for it and checks its result. Throws Error when
/// the device is lost, std::invalid_argument for an operation that cannot be tried.
bool probe_mechanism(Token& token, Token::State& state, const std::string& name);

}  // namespace hsm
