/// Secure channel protocol 02 (GlobalPlatform Card Specification 2.3, Annex E; EMV CPS 1.1, 4-5),
/// over keys that may be in an HSM. Options i = 05, 15 and 55: three keys, explicit initiation,
/// C-MAC over the changed command; none of them protects responses.
#pragma once

#include "emvcrypto/mac.h"
#include "emvcrypto/secure_channel.h"

namespace emvcrypto {

/// The session's keys: ENC and DEK as 3DES, MAC in both faces.
struct Scp02Keys {
  std::unique_ptr<BlockCipher> enc;
  RetailMacKey mac;
  std::unique_ptr<BlockCipher> dek;
};

/// `rmac` comes from the card's MAC key; the options of this product do not use it.
enum class Scp02Key { enc, mac, dek, rmac };

/// What a card key enciphers by CBC (zero IV) for a session key: constant | sequence | 00*12.
/// sequence: 2 bytes. The left half of the result is its first block.
Bytes scp02_session_input(Scp02Key key, ByteView sequence);

/// A session key in this process. card_key: 16 bytes (std::invalid_argument otherwise).
Secret derive_scp02_key(const Secret& card_key, Scp02Key key, ByteView sequence);

/// The card's challenge where it is no random number (i = 55): the 6 leftmost bytes of the C-MAC
/// over the selected application's AID, from a zero ICV (E.4.2.3). mac: the session's MAC key.
Bytes scp02_card_challenge(const RetailMacKey& mac, ByteView aid);

/// The fields of INITIALIZE UPDATE's answer (28 bytes).
struct Scp02CardAnswer {
  Bytes key_data;  ///< 10
  std::uint8_t key_version = 0;
  Bytes sequence;    ///< 2
  Bytes challenge;   ///< 6
  Bytes cryptogram;  ///< 8
};
/// Faults "scp-length", "scp-protocol" (not 02).
Expected<Scp02CardAnswer> parse_initialize_update(ByteView answer);

/// The host's end of one session. Levels 00, 01 (C-MAC) and 03 (C-MAC, C-ENC).
class Scp02Session : public SecureChannel {
 public:
  /// icv_enciphered: the chained ICV is enciphered (i = 15, 55); else chained plainly (i = 05).
  Scp02Session(Scp02Keys keys, Scp02CardAnswer answer, Bytes host_challenge, bool icv_enciphered);

  bool card_is_genuine() override;
  bool knows_level(std::uint8_t level) const override;
  Bytes external_authenticate(std::uint8_t level) override;
  Bytes wrap(ByteView header, ByteView data) override;
  /// The data as they came: responses are not protected.
  Expected<Bytes> unwrap(ByteView data, std::uint16_t status) override;
  std::size_t room() const override;
  /// 3DES-ECB.
  void encipher_for_card(MutableBytes blocks) override;
  std::size_t block_size() const override { return 8; }
  std::uint8_t level() const override { return level_; }

 private:
  Bytes mac_of(ByteView header, ByteView data);

  Scp02Keys keys_;
  Scp02CardAnswer answer_;
  Bytes host_challenge_;
  bool icv_enciphered_;
  std::uint8_t level_ = 0;
  Bytes last_mac_;
};

}  // namespace emvcrypto
