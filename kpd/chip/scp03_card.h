/// The card's end of secure channel protocol 03 (GlobalPlatform Card Specification 2.3, Amendment
/// D; EMV CPS 2.0).
#pragma once

#include "kpd/chip/card_channel.h"

namespace kpd::chip {

/// One secure channel under AES keys. Levels 00, 01 and 03; where the option protects answers 11
/// and 13, where it enciphers them 33.
class Scp03CardSession : public CardChannel {
 public:
  /// sequence: the 3 bytes of the counter; host_challenge: 8 bytes. The card challenge is random,
  /// or derived from K-ENC, sequence and the application's AID where the option says so (6.2.2.1).
  Scp03CardSession(const CardKeys& keys, Scp03Option option, std::uint32_t sequence,
                   ByteView host_challenge, ByteView aid, const Random& random);

  /// 8 bytes.
  const Bytes& card_challenge() const { return card_challenge_; }

  /// 8 bytes (6.2.2.2).
  Bytes card_cryptogram() const;

  /// 03 | i | challenge(8) | cryptogram(8), and the counter(3) behind a derived challenge
  /// (7.1.1.6).
  Bytes initial_answer() const override;
  Status authenticate(const Command& command) override;
  bool is_open() const override { return open_; }
  std::optional<Bytes> unwrap(const Command& command) override;
  Answer protect(Answer answer) override;
  std::size_t answer_growth() const override;
  /// AES-CBC with a zero initial value under the static K-DEK, which is the session's too (6.2.8).
  Secret decipher(ByteView blocks) const override;
  std::size_t block_size() const override { return kBlock; }

 private:
  static constexpr std::size_t kBlock = 16;

  bool has(std::uint8_t flag) const { return (static_cast<std::uint8_t>(option_) & flag) != 0; }
  bool knows_level(std::uint8_t level) const;
  bool mac_fits(const Command& command, ByteView body, ByteView mac);
  Bytes initial_value(std::uint8_t first_byte) const;

  Scp03Option option_;
  Bytes sequence_;  ///< 3 bytes
  Bytes context_;   ///< host challenge | card challenge
  Bytes card_challenge_;
  Secret enc_;
  Secret mac_;
  Secret rmac_;
  Secret dek_;
  Bytes chain_;                ///< the last C-MAC, all 16 bytes
  std::uint64_t counter_ = 0;  ///< commands since EXTERNAL AUTHENTICATE
  std::uint8_t level_ = 0;
  bool open_ = false;
};

}  // namespace kpd::chip
