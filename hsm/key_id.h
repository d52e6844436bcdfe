/// What this product writes to CKA_ID of the secret keys that it keeps on a token. Internal to hsm.
#pragma once

#include <optional>

#include "hsm/token.h"

namespace hsm {

/// The check value of Token::kcv: `ones` of an AES key, else `zeros`. Empty: the key has none.
const Bytes& usual_kcv(const CheckValues& values);

/// What some devices cannot tell of a key later: "KCV", the usual check value (3 bytes; zeros when
/// the key has none), the key's size (2 bytes); for AES also the two other check values (3 and 5).
Bytes make_key_id(const CheckValues& values, std::size_t size);

/// The check values or the size in such an id; nothing when it is none.
std::optional<CheckValues> kcv_in_id(ByteView id);
std::optional<std::size_t> size_in_id(ByteView id);

}  // namespace hsm
