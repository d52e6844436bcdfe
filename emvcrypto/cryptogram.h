/// Application cryptograms and issuer authentication by cryptogram version (EMV 4.4 Book 2, 8 and
/// A1.2-A1.3). Versions are data: one row of cryptogram_versions() each.
#pragma once

#include <string_view>

#include "emvcrypto/mac.h"
#include "emvcrypto/tlv.h"

namespace emvcrypto {

/// How the AC session key comes from the card's master key.
enum class SessionKeyRule {
  none,          ///< the master key itself
  common,        ///< EMV common session key: R = ATC | 00*6, F0 / 0F in byte 3 (A1.3.1)
  unpredictable  ///< R = ATC | 00 00 | UN, F0 / 0F in byte 3
};
enum class MacPadding { zeros, method_2 };
enum class ArpcMethod { one, two };  ///< Book 2, 8.2.1 and 8.2.2

/// A run of bytes inside 9F10; length 0: none.
struct IadPart {
  static constexpr std::size_t kToEnd = static_cast<std::size_t>(-1);
  std::size_t from = 0;
  std::size_t length = 0;  ///< kToEnd: all that follows
};

/// One cryptogram version.
struct CryptogramVersion {
  std::string_view name;  ///< the name templates use
  std::uint8_t number;    ///< as it stands in 9F10
  std::size_t number_at;  ///< byte of 9F10 that holds it, from 0
  SessionKeyRule session_key;
  SessionKeyRule arpc_key;  ///< the key of the ARPC, by the same rules
  MacPadding padding;
  ArpcMethod arpc;
  std::span<const Tag> terminal_data;  ///< what CDOL1 must bring, in order
  bool with_aip;                       ///< the AIP follows the terminal's data; then always the ATC
  IadPart iad;                         ///< the part of 9F10 that follows the ATC (CVR or all)
  IadPart iad_counters;                ///< a second part behind the first (counters)
};

std::span<const CryptogramVersion> cryptogram_versions();

/// The row of that name, or nullptr.
const CryptogramVersion* find_cryptogram_version(std::string_view name);

/// What the application cryptogram is over, unpadded: terminal data | AIP | ATC | parts of 9F10
/// (Book 2, 8.1.1). terminal_data: the values in the version's order; aip, atc: 2 bytes. Throws
/// std::invalid_argument when a length is wrong or 9F10 is too short for its parts.
Bytes cryptogram_input(const CryptogramVersion& version, ByteView terminal_data, ByteView aip,
                       ByteView atc, ByteView iad);

/// Bytes of terminal data that the version's input begins with.
std::size_t terminal_data_size(const CryptogramVersion& version);

/// What the master key enciphers by ECB for the AC session key, 16 bytes; empty for rule none.
/// atc: 2 bytes; unpredictable: 4 bytes (rule unpredictable only).
Bytes session_key_input(SessionKeyRule rule, ByteView atc, ByteView unpredictable);

/// What the master key enciphers for a script session key (SMI, SMC): R = the AC (8 bytes) with F0
/// and 0F in byte 3, 16 bytes (A1.3.1).
Bytes script_key_input(ByteView application_cryptogram);

/// A session key in this process: `input` (of one of the two functions above) enciphered under
/// the card's master key, with odd parity; the master key itself where the input is empty.
/// master_key: 16 bytes.
Secret derive_session_key(const Secret& master_key, ByteView input);

/// The AC over its data, 8 bytes, by the version's padding.
Bytes application_cryptogram(const RetailMacKey& key, ByteView data, MacPadding padding);

/// ARPC method 1: 3DES of ARQC xor (ARC | 00*6), 8 bytes. arc: 2 bytes.
Bytes arpc_method_1(BlockCipher& key, ByteView arqc, ByteView arc);

/// ARPC method 2: 4 leftmost bytes of the MAC over ARQC | CSU(4) | proprietary data (0-8).
Bytes arpc_method_2(const RetailMacKey& key, ByteView arqc, ByteView csu, ByteView proprietary);

}  // namespace emvcrypto
