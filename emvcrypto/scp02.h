/// Secure channel protocol 02 (GlobalPlatform Card Specification 2.3, Annex E; EMV CPS 1.1, 4-5),
/// over keys that may be in an HSM.
#pragma once

#include "emvcrypto/fault.h"
#include "emvcrypto/mac.h"

namespace emvcrypto {

/// The session's keys: ENC and DEK as 3DES, MAC in both faces.
struct Scp02Keys {
  std::unique_ptr<BlockCipher> enc;
  RetailMacKey mac;
  std::unique_ptr<BlockCipher> dek;
};

enum class Scp02Key { enc, mac, dek };

/// What a card key enciphers by CBC (zero IV) for a session key: constant | sequence | 00*12.
/// sequence: 2 bytes. The left half of the result is its first block.
Bytes scp02_session_input(Scp02Key key, ByteView sequence);

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

/// The host's end of one session. Not thread-safe.
class Scp02Session {
 public:
  /// icv_enciphered: the chained ICV is enciphered (i = 15, 55); else chained plainly (i = 05).
  Scp02Session(Scp02Keys keys, Scp02CardAnswer answer, Bytes host_challenge, bool icv_enciphered);

  /// Whether the card's cryptogram proves its keys: check before EXTERNAL AUTHENTICATE.
  bool card_is_genuine();

  /// EXTERNAL AUTHENTICATE as bytes; `level` 00, 01 or 03 holds for what follows.
  Bytes external_authenticate(std::uint8_t level);

  /// A command under the session's level: header CLA INS P1 P2, then at most 255 - 8 (- 8) bytes of
  /// data. Returns the whole APDU without Le.
  Bytes wrap(ByteView header, ByteView data);

  /// Enciphers whole blocks under the session's DEK by ECB, in place.
  void encipher_for_card(MutableBytes blocks);

  std::uint8_t level() const { return level_; }

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
