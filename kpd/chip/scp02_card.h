/// The card's end of secure channel protocol 02 (GlobalPlatform Card Specification 2.3, Annex E;
/// EMV CPS 1.1).
#pragma once

#include "kpd/chip/command.h"
#include "kpd/chip/config.h"

namespace kpd::chip {

/// One secure channel, from INITIALIZE UPDATE until it ends. Volatile.
class Scp02CardSession {
 public:
  /// sequence: the 2 bytes of the counter; host_challenge: 8 bytes. The card challenge is random,
  /// or with i = 55 the leftmost 6 bytes of a MAC over the application's AID (E.4.2.3).
  Scp02CardSession(const CardKeys& keys, Scp02Option option, std::uint16_t sequence,
                   ByteView host_challenge, ByteView aid, const Random& random);

  /// 6 bytes.
  const Bytes& card_challenge() const { return card_challenge_; }

  /// MAC(host challenge | sequence | card challenge) under the session's ENC key, 8 bytes.
  Bytes card_cryptogram() const;

  /// EXTERNAL AUTHENTICATE. 9000 opens the channel; 6300 wrong host cryptogram, 6982 wrong MAC or
  /// class, 6A86 a level that is neither 00, 01 nor 03, 6700 wrong length: the session is over.
  Status authenticate(const Command& command);

  bool is_open() const { return open_; }

  /// The plain data of a command under the session's level; nothing when its class, MAC or padding
  /// is wrong, after which the session must end.
  std::optional<Bytes> unwrap(const Command& command);

  /// Deciphers whole blocks under the session's DEK, 3DES-ECB.
  Secret decipher(ByteView blocks) const;

 private:
  bool mac_fits(const Command& command, ByteView plain, ByteView mac);

  Secret enc_;
  Secret mac_;
  Secret dek_;
  bool icv_enciphered_;
  Bytes sequence_;
  Bytes host_challenge_;
  Bytes card_challenge_;
  Bytes last_mac_;
  std::uint8_t level_ = 0;
  bool open_ = false;
};

}  // namespace kpd::chip
