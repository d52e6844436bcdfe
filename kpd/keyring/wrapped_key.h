/// Keys between tokens, wrapped inside the devices: under a public transport key (RSA-OAEP) or a
/// key encryption key (AES key wrap), as a file.
#pragma once

#include <filesystem>
#include <string>

#include "kpd/keyring/keyring.h"

namespace kpd {

/// "aes-kw", "aes-kwp", "rsa-oaep-sha1", "rsa-oaep-sha256".
std::string_view wrap_method_name(hsm::Token::WrapMethod method);
std::optional<hsm::Token::WrapMethod> find_wrap_method(std::string_view name);
bool is_rsa(hsm::Token::WrapMethod method);

/// A wrapped key: JSON with these fields and "kind": "wrapped-key"; or, from other programs, the
/// wrapped bytes alone in hexadecimal.
struct WrappedKey {
  std::string name, role, algorithm;  ///< empty: not said
  std::string method;
  std::string kcv;    ///< usual KCV
  std::string under;  ///< KCV of the wrapping key, fingerprint of a public key
  emvcrypto::Bytes wrapped;
};

std::string wrapped_key_text(const WrappedKey& key);
/// Throws Failure(hold) when it is neither.
WrappedKey parse_wrapped_key(const std::string& text, const std::string& file);

/// The key under a public key that came from its receiver. Throws Failure(hold) when it may not
/// leave, or the public key is shorter than 2048 bits.
WrappedKey wrap_for(const Keyring& keys, const KeyEntry& key, const hsm::RsaPublic& receiver,
                    hsm::Token::WrapMethod method);
/// The key under another key of the token.
WrappedKey wrap_under(const Keyring& keys, const KeyEntry& key, const KeyEntry& kek,
                      hsm::Token::WrapMethod method);

/// Checks that a wrapped key is for this one of ours and strong enough, and unwraps it in the
/// token. Throws Failure(hold), hsm::Error.
hsm::Key unwrap_key(const Keyring& keys, const WrappedKey& wrapped, const KeyEntry& ours,
                    hsm::Token::WrapMethod method, KeyAlgorithm algorithm, const hsm::Usage& usage,
                    const std::string& label);

}  // namespace kpd
