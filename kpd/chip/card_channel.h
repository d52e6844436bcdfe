/// The card's end of a secure channel, whatever its protocol.
#pragma once

#include <memory>

#include "kpd/chip/command.h"
#include "kpd/chip/config.h"

namespace kpd::chip {

/// One secure channel, from INITIALIZE UPDATE until it ends. Volatile.
class CardChannel {
 public:
  virtual ~CardChannel() = default;

  /// What INITIALIZE UPDATE answers behind KEYDATA and key version: protocol, then what it adds.
  virtual Bytes initial_answer() const = 0;

  /// EXTERNAL AUTHENTICATE. 9000 opens the channel; 6300 wrong host cryptogram, 6982 wrong MAC or
  /// class, 6A86 a level that the option does not know, 6700 wrong length: the channel is over.
  virtual Status authenticate(const Command& command) = 0;

  virtual bool is_open() const = 0;

  /// The plain data of a command under the channel's level; nothing when its class, MAC or padding
  /// is wrong, after which the channel must end.
  virtual std::optional<Bytes> unwrap(const Command& command) = 0;

  /// The answer to the command unwrapped last, as it leaves the card under the channel's level.
  virtual Answer protect(Answer answer) = 0;

  /// How much an answer may grow under protection, at most.
  virtual std::size_t answer_growth() const = 0;

  /// Deciphers a secret under the channel's DEK: whole blocks.
  virtual Secret decipher(ByteView blocks) const = 0;

  /// Bytes of a block of such a secret, 8 or 16.
  virtual std::size_t block_size() const = 0;
};

/// What a channel begins with; used while it is made.
struct ChannelStart {
  const CardKeys& keys;
  std::uint32_t sequence;   ///< the counter: 2 bytes count under SCP02, 3 under SCP03
  ByteView host_challenge;  ///< 8 bytes
  ByteView aid;             ///< of the selected application
  const Random& random;
};

/// A channel of this protocol and option, not open yet.
std::unique_ptr<CardChannel> begin_channel(const Scp& scp, const ChannelStart& start);

/// The last value of a protocol's sequence counter, which opens no channel any more.
std::uint32_t last_sequence(const Scp& scp);

}  // namespace kpd::chip
