/// Card keys from master keys: what is enciphered to get them, and the derivation over any cipher.
#pragma once

#include <string_view>

#include "emvcrypto/cipher.h"

namespace emvcrypto {

/// How a card's unique key (UDK) comes from the issuer's master key (EMV 4.4 Book 2, A1.4).
enum class UdkOption { a, b, c };

/// Y of option A: the 16 rightmost digits of PAN | PSN, 8 bytes (A1.4.1). pan: 1-19 digits;
/// psn: 2 digits.
Bytes udk_diversifier_a(std::string_view pan, std::string_view psn);

/// Y of option B: as A up to 16 PAN digits; longer ones through SHA-1 and decimalisation (A1.4.2).
Bytes udk_diversifier_b(std::string_view pan, std::string_view psn);

/// Y of option C: PAN | PSN left-padded with zeros, 16 bytes (A1.4.3).
Bytes udk_diversifier_c(std::string_view pan, std::string_view psn);

/// What the IMK enciphers by ECB to give the UDK: Y | (Y xor FF..), 16 bytes, for options A and B;
/// for option C Y alone (UDK of AES-128), or Y | (Y xor FF..), 32 bytes, of whose cipher text a UDK
/// of AES-192 or -256 is the left part. size: bytes of the UDK, 16; option C also 24 and 32;
/// std::invalid_argument otherwise.
Bytes udk_input(UdkOption option, std::string_view pan, std::string_view psn,
                std::size_t size = 16);

/// The UDK itself in this process: the input enciphered, odd parity for DES keys. size: as above.
Secret derive_udk(BlockCipher& imk, UdkOption option, std::string_view pan, std::string_view psn,
                  std::size_t size = 16);

/// A card's keys for the secure channel.
enum class CardKey : std::uint8_t { enc = 1, mac = 2, dek = 3 };

/// What KMC enciphers by ECB for a card's key: D F0 i | D 0F i, D = the 6 rightmost bytes of
/// KEYDATA, 16 bytes (EMV CPS 1.1, 4.1). key_data: 10 bytes.
Bytes kdc_input_cps(ByteView key_data, CardKey key);

/// The same with D = the first two bytes and bytes 5-8 of KEYDATA: an older rule that many bureau
/// cards keep.
Bytes kdc_input_split(ByteView key_data, CardKey key);

}  // namespace emvcrypto
