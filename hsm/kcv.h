/// Key check values. Internal to hsm; see Token::kcv.
#pragma once

#include "hsm/token_state.h"

namespace hsm {

/// The check values of a DES or AES key: by enciphering where the key may, else under a copy for
/// the moment that may, else out of the id where this product wrote it. Nothing when there is no
/// way, or for other types of key.
std::optional<CheckValues> find_kcv(Session& session, const Key::State& key);

}  // namespace hsm
