/// Secure channel protocol 03 (GlobalPlatform Card Specification 2.3, Amendment D 1.1.2), over AES
/// keys that may be in an HSM. Options i = 00, 10, 20, 30, 60 and 70, challenges of 8 bytes.
#pragma once

#include "emvcrypto/cipher.h"
#include "emvcrypto/secure_channel.h"

namespace emvcrypto {

/// What a derivation is for: the derivation constant (Amendment D, Table 4-1).
enum class Scp03Use : std::uint8_t {
  card_cryptogram = 0x00,
  host_cryptogram = 0x01,
  card_challenge = 0x02,
  enc = 0x04,
  mac = 0x06,
  rmac = 0x07
};

/// The counter mode KDF of NIST SP 800-108 with CMAC (Amendment D, 4.1.5): `size` bytes, 1 to 32,
/// from blocks 00*11 | constant | 00 | L (bits, 2) | i | context. key: K-ENC for S-ENC and the card
/// challenge, K-MAC for S-MAC and S-RMAC, S-MAC for the cryptograms.
Secret scp03_derive(BlockCipher& key, Scp03Use use, std::size_t size, ByteView context);

/// The session's keys. DEK is the card's own K-DEK: protocol 03 derives none.
struct Scp03Keys {
  std::unique_ptr<BlockCipher> enc;
  std::unique_ptr<BlockCipher> mac;
  std::unique_ptr<BlockCipher> rmac;
  std::unique_ptr<BlockCipher> dek;
};

/// A card's static keys, each 16, 24 or 32 bytes.
struct Scp03CardKeys {
  Secret enc, mac, dek;
};

/// The session keys of a card in this process. context: host challenge | card challenge.
Scp03Keys scp03_session_keys(const Scp03CardKeys& card, ByteView context);

/// The card's challenge where it is no random number (i = 10, 30, 70), 8 bytes: derived by K-ENC
/// from sequence (3 bytes) | AID of the selected application (Amendment D, 6.2.2.1).
Bytes scp03_card_challenge(BlockCipher& card_enc, ByteView sequence, ByteView aid);

/// The fields of INITIALIZE UPDATE's answer (29 or 32 bytes).
struct Scp03CardAnswer {
  Bytes key_data;  ///< 10
  std::uint8_t key_version = 0;
  std::uint8_t option = 0;  ///< i
  Bytes challenge;          ///< 8
  Bytes cryptogram;         ///< 8
  Bytes sequence;           ///< 3 where the challenge is pseudo-random, else empty

  bool challenge_is_derived() const { return (option & 0x10) != 0; }
  bool protects_responses() const { return (option & 0x20) != 0; }   ///< R-MAC
  bool enciphers_responses() const { return (option & 0x40) != 0; }  ///< R-ENC
};
/// Faults "scp-length", "scp-protocol" (not 03), "scp-option" (an i that is none of this
/// product's).
Expected<Scp03CardAnswer> parse_initialize_update_03(ByteView answer);

/// The host's end of one session. Levels 00, 01 (C-MAC), 03 (C-MAC, C-ENC) and, where the card's
/// option allows, 11 and 13 (with R-MAC) and 33 (with R-MAC and R-ENC).
class Scp03Session : public SecureChannel {
 public:
  /// host_challenge: 8 bytes, as in INITIALIZE UPDATE.
  Scp03Session(Scp03Keys keys, Scp03CardAnswer answer, Bytes host_challenge);

  bool card_is_genuine() override;
  bool knows_level(std::uint8_t level) const override;
  Bytes external_authenticate(std::uint8_t level) override;
  Bytes wrap(ByteView header, ByteView data) override;
  Expected<Bytes> unwrap(ByteView data, std::uint16_t status) override;
  std::size_t room() const override;
  /// AES-CBC with a zero initial value over all of `blocks`.
  void encipher_for_card(MutableBytes blocks) override;
  std::size_t block_size() const override { return 16; }
  std::uint8_t level() const override { return level_; }

 private:
  Bytes cryptogram(Scp03Use use);
  Bytes mac_of(BlockCipher& key, std::initializer_list<ByteView> message) const;
  Bytes counter_block(std::uint8_t first_byte);
  Bytes chained(ByteView header, ByteView data);

  Scp03Keys keys_;
  Scp03CardAnswer answer_;
  Bytes context_;
  std::uint8_t level_ = 0;
  Bytes chain_;                ///< the last C-MAC, all 16 bytes
  std::uint64_t counter_ = 0;  ///< commands of the session
};

}  // namespace emvcrypto
