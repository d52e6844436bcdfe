/// Application cryptograms and issuer authentication by cryptogram version (EMV 4.4 Book 2, 8 and
/// A1.2-A1.3). Versions are data: one row of cryptogram_versions() each.
#pragma once

#include <string_view>

#include "emvcrypto/mac.h"
#include "emvcrypto/tlv.h"

namespace emvcrypto {

/// How the AC session key comes from the card's master key.
enum class SessionKeyRule {
  none,      ///< the master key itself
  common,    ///< EMV common session key: R = ATC | 00*6, F0 / 0F in byte 3 (A1.3.1)
  unpredictable  ///< R = ATC | 00 00 | UN, F0 / 0F in byte 3
};
enum class MacPadding { zeros, method_2 };
enum class ArpcMethod { one, two };  ///< Book 2, 8.2.1 and 8.2.2

/// One cryptogram version.
struct CryptogramVersion {
  std::string_view name;  ///< the name templates use
  std::uint8_t number;    ///< as it stands in 9F10
  std::size_t number_at;  ///< byte of 9F10 that holds it, from 0
  SessionKeyRule session_key;
  MacPadding padding;
  ArpcMethod arpc;
  std::span<const Tag> terminal_data;  ///< what CDOL1 must bring, in order
  bool with_aip;                       ///< AIP | ATC | CVR or IAD follow the terminal's data
  std::size_t iad_from, iad_length;    ///< the part of 9F10 in the input; length 0: all of it
};

std::span<const CryptogramVersion> cryptogram_versions();
const CryptogramVersion* find_cryptogram_version(std::string_view name);

/// What the master key enciphers by ECB for the AC session key, 16 bytes; empty for rule none.
/// atc: 2 bytes; unpredictable: 4 bytes.
Bytes session_key_input(SessionKeyRule rule, ByteView atc, ByteView unpredictable);

/// What the master key enciphers for a script session key (SMI, SMC): R = the AC (8 bytes) with F0
/// and 0F in byte 3, 16 bytes (A1.3.1).
Bytes script_key_input(ByteView application_cryptogram);

/// The AC over its data, 8 bytes, by the version's padding.
Bytes application_cryptogram(const RetailMacKey& key, ByteView data, MacPadding padding);

/// ARPC method 1: 3DES of ARQC xor (ARC | 00*6), 8 bytes. arc: 2 bytes.
Bytes arpc_method_1(BlockCipher& key, ByteView arqc, ByteView arc);

/// ARPC method 2: 4 leftmost bytes of the MAC over ARQC | CSU(4) | proprietary data (0-8).
Bytes arpc_method_2(const RetailMacKey& key, ByteView arqc, ByteView csu, ByteView proprietary);

}  // namespace emvcrypto
