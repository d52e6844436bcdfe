/// Names of keys: "pkcs11:" URIs (RFC 7512) and plain labels. Internal to hsm.
#pragma once

#include <p11-kit/pkcs11.h>

#include <optional>
#include <string>

#include "emvcrypto/bytes.h"

namespace hsm {

/// What a name says of the object; at least a label or an id.
struct KeyName {
  std::optional<std::string> label;
  std::optional<emvcrypto::Bytes> id;
  std::optional<CK_OBJECT_CLASS> object_class;  ///< secret, private or public key
};

/// Reads a name. Throws SetupError when the URI is malformed, holds what is not understood here or
/// a PIN, speaks of another token than this one, or names no key.
KeyName parse_key_name(const std::string& uri_or_label, const CK_TOKEN_INFO& token);

}  // namespace hsm
