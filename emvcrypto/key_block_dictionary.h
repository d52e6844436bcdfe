/// What the fields of a key block mean (ANSI X9.143:2021, 6.3).
#pragma once

#include <span>

#include "emvcrypto/key_block.h"

namespace emvcrypto {

/// One key usage (Table 2). Lists of characters; an empty list: any.
struct KeyBlockUsage {
  std::string_view code;
  std::string_view name;
  std::string_view algorithms;
  std::string_view modes;
};

/// A one-character or two-character code and what it means.
struct KeyBlockCode {
  std::string_view code;
  std::string_view name;
};

std::span<const KeyBlockUsage> key_block_usages();
std::span<const KeyBlockCode> key_block_algorithms();       ///< Table 3
std::span<const KeyBlockCode> key_block_modes();            ///< Table 4
std::span<const KeyBlockCode> key_block_exportabilities();  ///< Table 6
std::span<const KeyBlockCode> key_block_option_names();     ///< Table 7: optional blocks

/// The row of a usage, or nullptr.
const KeyBlockUsage* find_key_block_usage(std::string_view code);

/// Whether a header's fields exist and fit one another: known usage (or a proprietary one, two
/// digits), algorithm, mode and exportability, a mode and an algorithm that the usage allows. Fault
/// "key-block-usage" with what does not fit.
Expected<void> check_key_block_header(const KeyBlockHeader& header);

/// The data of optional block KC or KP: 00 (legacy) or 01 (CMAC), then the check value
/// (6.3.6.7).
std::string key_check_block(bool by_cmac, ByteView check_value);

/// The first optional block of that name, or nullptr.
const OptionalBlock* find_optional_block(const KeyBlockHeader& header, std::string_view id);

}  // namespace emvcrypto
