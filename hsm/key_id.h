/// What this product writes to CKA_ID of the secret keys that it keeps on a token. Internal to hsm.
#pragma once

#include <optional>

#include "emvcrypto/bytes.h"

namespace hsm {

/// "KCV", the check value (3 bytes; zeros when the key has none) and the key's size (2 bytes): what
/// some devices cannot tell of a key later.
emvcrypto::Bytes make_key_id(const std::optional<emvcrypto::Bytes>& kcv, std::size_t size);

/// The check value or the size in such an id; nothing when it is none.
std::optional<emvcrypto::Bytes> kcv_in_id(emvcrypto::ByteView id);
std::optional<std::size_t> size_in_id(emvcrypto::ByteView id);

}  // namespace hsm
