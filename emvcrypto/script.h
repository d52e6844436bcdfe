/// Issuer scripts: commands that an issuer sends to its card behind an online transaction, with a
/// MAC and enciphered data (EMV 4.4 Book 2, 9 and A1.3). What differs between schemes is data: one
/// row of script_rules() for each cryptogram version that has scripts.
#pragma once

#include <span>
#include <string_view>

#include "emvcrypto/mac.h"

namespace emvcrypto {

/// How the script session keys come from the card's master keys SMI and SMC.
enum class ScriptKeyRule {
  counter,    ///< left half xor (00*6 | ATC), right half xor (00*6 | complement of the ATC)
  cryptogram  ///< common session key with R = AC, as script_key_input() in cryptogram.h
};

/// How a command's data are enciphered.
enum class ScriptEncipherment {
  length_first,  ///< ECB of length (1) | data | 80 00..
  whole_blocks,  ///< CBC; padding method 2 only where the data are no whole blocks
  padded         ///< CBC; padding method 2 always
};

/// The PIN block of PIN CHANGE.
enum class PinChangeBlock {
  bound_to_key,  ///< pin_change_block(): bound to the card's AC key and, if given, the present PIN
  format_2       ///< ISO 9564-1 format 2
};

/// The script rules of one cryptogram version.
struct ScriptRules {
  std::string_view version;  ///< CryptogramVersion::name
  ScriptKeyRule key;
  ScriptEncipherment encipherment;
  PinChangeBlock pin_block;
};

std::span<const ScriptRules> script_rules();

/// The rules of a cryptogram version, or nullptr where its scripts are not known.
const ScriptRules* find_script_rules(std::string_view version);

/// A script session key in this process, odd parity. master_key: SMI or SMC, 16 bytes; atc: 2
/// bytes; application_cryptogram: 8 bytes, the ARQC of the transaction. Each rule takes one of the
/// two. Throws std::invalid_argument on other lengths.
Secret derive_script_key(const Secret& master_key, ScriptKeyRule rule, ByteView atc,
                         ByteView application_cryptogram);

/// The MAC of a command, `length` leftmost bytes (4-8): retail MAC, padding method 2, over header
/// (CLA INS P1 P2 Lc) | ATC | AC | data as they are sent (9.2). Throws std::invalid_argument on
/// other lengths.
Bytes script_mac(const RetailMacKey& session_smi, ByteView header, ByteView atc,
                 ByteView application_cryptogram, ByteView data, std::size_t length = 8);

/// A command's data under the session's SMC key, a 3DES cipher (9.3).
Bytes encipher_script_data(BlockCipher& session_smc, const Secret& data,
                           ScriptEncipherment encipherment);

/// The PIN block that is bound to the card's AC key: length | PIN | F.. xor 00*4 | the 4 rightmost
/// bytes of the key's left half, 8 bytes; where the present PIN is given its digits, filled with
/// zeros, are XORed in too. PINs: 4-12 ASCII digits; udk_ac: 16 bytes. Throws std::invalid_argument
/// otherwise.
Secret pin_change_block(const Secret& udk_ac, const Secret& new_pin, const Secret* present_pin);

/// What a PIN CHANGE command is made of.
struct PinChange {
  const ScriptRules* rules = nullptr;
  const Secret* udk_ac = nullptr;  ///< block bound_to_key only
  const Secret* new_pin = nullptr;
  const Secret* present_pin = nullptr;  ///< block bound_to_key only; nullptr: without it
  ByteView atc, application_cryptogram;
};

/// The whole command, 84 24 00 P2 Lc, enciphered PIN block, MAC of 8 bytes; P2 = 01 with the
/// present PIN in the block, else 02 (EMV 4.4 Book 3, 6.5.10). Throws std::invalid_argument when a
/// part is missing.
Bytes pin_change_command(const PinChange& change, const RetailMacKey& session_smi,
                         BlockCipher& session_smc);

}  // namespace emvcrypto
