/// The card's end of secure channel protocol 02 (GlobalPlatform Card Specification 2.3, Annex E;
/// EMV CPS 1.1).
#pragma once

#include "kpd/chip/card_channel.h"

namespace kpd::chip {

/// One secure channel under 3DES keys. Levels 00, 01 and 03; answers go in clear.
class Scp02CardSession : public CardChannel {
 public:
  /// sequence: the 2 bytes of the counter; host_challenge: 8 bytes. The card challenge is random,
  /// or with i = 55 the leftmost 6 bytes of a MAC over the application's AID (E.4.2.3).
  Scp02CardSession(const CardKeys& keys, Scp02Option option, std::uint16_t sequence,
                   ByteView host_challenge, ByteView aid, const Random& random);

  /// 6 bytes.
  const Bytes& card_challenge() const { return card_challenge_; }

  /// MAC(host challenge | sequence | card challenge) under the session's ENC key, 8 bytes.
  Bytes card_cryptogram() const;

  /// 02 | sequence(2) | challenge(6) | cryptogram(8).
  Bytes initial_answer() const override;
  Status authenticate(const Command& command) override;
  bool is_open() const override { return open_; }
  std::optional<Bytes> unwrap(const Command& command) override;
  Answer protect(Answer answer) override { return answer; }
  std::size_t answer_growth() const override { return 0; }
  /// 3DES-ECB under the session's DEK.
  Secret decipher(ByteView blocks) const override;
  std::size_t block_size() const override { return 8; }

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
