/// Key blocks (ANSI X9.143:2021, before it TR-31): a key with what it may be used for, bound
/// together by a MAC. Here their layout as text; keys and MAC are in key_block_wrap.h, the meaning
/// of the fields in key_block_dictionary.h.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "emvcrypto/bytes.h"
#include "emvcrypto/fault.h"

namespace emvcrypto {

/// One optional block (6.3.6). data: printable ASCII, without identifier and length.
struct OptionalBlock {
  std::string id;  ///< two characters: "KS", "KV", "KC", "KP", "TS" ...
  std::string data;
  bool operator==(const OptionalBlock&) const = default;
};

/// The header's fields (6.3). Lengths are not among them: they follow.
struct KeyBlockHeader {
  char version = 'D';                      ///< A, B, C (3DES) or D (AES)
  std::string usage = "K0";                ///< two characters
  char algorithm = 'A';                    ///< of the key inside: A AES, T 3DES ...
  char mode = 'N';                         ///< of use
  std::string key_version = "00";          ///< "00" none; "c" and a digit: a component
  char exportability = 'N';                ///< E, N, S
  std::string reserved = "00";             ///< key context and what is reserved
  std::vector<OptionalBlock> blocks = {};  ///< but the padding block PB
  bool operator==(const KeyBlockHeader&) const = default;
};

/// A key block taken apart; nothing of it is authentic yet.
struct KeyBlock {
  KeyBlockHeader header;
  std::string text;  ///< the header with all optional blocks, as the MAC covers it
  Bytes enciphered;  ///< length, key and fill
  Bytes mac;         ///< 4 (A, C), 8 (B) or 16 (D) bytes
};

/// Reads a key block. Faults: "key-block-version" (not A-D), "key-block-length" (the length field
/// or a part's length is wrong), "key-block-header" (a character or an optional block that can be
/// none), "key-block-hex" (enciphered key or MAC).
Expected<KeyBlock> parse_key_block(std::string_view text);

/// The header and its optional blocks as text, with a padding block where the block size asks for
/// one (6.3.6.10). body_size: bytes of enciphered key and MAC, for the length field. Throws
/// std::invalid_argument when a field has the wrong size or characters, or all is longer than 9999.
std::string key_block_header_text(const KeyBlockHeader& header, std::size_t body_size);

/// Bytes of a block and of the MAC by version; std::invalid_argument on another than A to D.
std::size_t key_block_cipher_block(char version);
std::size_t key_block_mac_size(char version);

}  // namespace emvcrypto
