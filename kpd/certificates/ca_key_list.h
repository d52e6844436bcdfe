/// Plain lists of CA keys with their hashes, as schemes and terminal makers publish them.
#pragma once

#include <filesystem>
#include <vector>

#include "kpd/plan/certificate_files.h"

namespace kpd {

/// Columns `rid,index,exponent,modulus,hash` in any order, named in the first line; `,` or `;`
/// between them; lines with `#` say nothing. Every hash must be that of its key. Throws ConfigError
/// with file and line.
std::vector<CaKey> read_ca_csv(std::string_view text, const std::filesystem::path& file);

/// kind: ca-key-list, `keys` with the same names. Throws ConfigError.
std::vector<CaKey> read_ca_list(YamlMap map);

std::string ca_csv_text(const std::vector<CaKey>& keys);
std::string ca_list_text(const std::vector<CaKey>& keys);

}  // namespace kpd
