/// What the host's end of a secure channel does, whichever protocol the card speaks.
#pragma once

#include "emvcrypto/bytes.h"
#include "emvcrypto/fault.h"

namespace emvcrypto {

/// The host's end of one session. Not thread-safe.
class SecureChannel {
 public:
  SecureChannel() = default;
  SecureChannel(SecureChannel&&) noexcept = default;
  SecureChannel& operator=(SecureChannel&&) noexcept = default;
  SecureChannel(const SecureChannel&) = delete;
  SecureChannel& operator=(const SecureChannel&) = delete;
  virtual ~SecureChannel() = default;

  /// Whether the card's cryptogram proves its keys: check before EXTERNAL AUTHENTICATE.
  virtual bool card_is_genuine() = 0;

  /// Whether protocol and card know a security level.
  virtual bool knows_level(std::uint8_t level) const = 0;

  /// EXTERNAL AUTHENTICATE as bytes; `level` holds for what follows. Throws std::invalid_argument
  /// on a level that is not known.
  virtual Bytes external_authenticate(std::uint8_t level) = 0;

  /// A command under the session's level: header CLA INS P1 P2, then at most room() bytes of data.
  /// Returns the whole APDU without Le. Throws std::invalid_argument on other lengths.
  virtual Bytes wrap(ByteView header, ByteView data) = 0;

  /// The plain data of the answer to the last command. `data`: without the status word. Fault
  /// "scp-response" when its MAC or padding is wrong; nothing of such a session may be trusted any
  /// more.
  virtual Expected<Bytes> unwrap(ByteView data, std::uint16_t status) = 0;

  /// Most bytes of data that a command can carry under the session's level.
  virtual std::size_t room() const = 0;

  /// Enciphers whole blocks of block_size() for the card under the session's DEK, in place.
  virtual void encipher_for_card(MutableBytes blocks) = 0;
  virtual std::size_t block_size() const = 0;

  /// The level that EXTERNAL AUTHENTICATE set; 00 before.
  virtual std::uint8_t level() const = 0;
};

/// The protocol that an answer to INITIALIZE UPDATE names: 02 or 03. Faults "scp-length" and
/// "scp-protocol".
Expected<std::uint8_t> secure_channel_protocol(ByteView answer);

}  // namespace emvcrypto
