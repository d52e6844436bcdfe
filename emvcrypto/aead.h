/// Authenticated encryption in this process: AES-256/GCM (NIST SP 800-38D).
#pragma once

#include <memory>
#include <optional>

#include "emvcrypto/bytes.h"
#include "emvcrypto/secret.h"

namespace emvcrypto {

/// One AES-256/GCM key. A nonce must never seal two messages.
class Aead {
 public:
  static constexpr std::size_t kKeySize = 32;
  static constexpr std::size_t kNonceSize = 12;
  static constexpr std::size_t kTagSize = 16;

  /// key: 32 bytes (std::invalid_argument otherwise).
  explicit Aead(const Secret& key);
  ~Aead();
  Aead(Aead&&) noexcept;
  Aead& operator=(Aead&&) noexcept;

  /// Ciphertext and tag.
  Bytes seal(ByteView nonce, ByteView associated, ByteView plain) const;

  /// The plain text; nothing when the tag does not fit key, nonce and associated data.
  std::optional<Bytes> open(ByteView nonce, ByteView associated, ByteView sealed) const;
  /// The same for a plain text that is secret.
  std::optional<Secret> open_secret(ByteView nonce, ByteView associated, ByteView sealed) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Bytes of the operating system's generator: nonces and ephemeral keys of this process. Keys of
/// cards come from the HSM's generator.
Bytes system_random(std::size_t count);

}  // namespace emvcrypto
