/// The whole card file judged before the first chip is touched.
#pragma once

#include <string>

#include "kpd/keys/personaliser_keys.h"

namespace kpd {

/// Reads the file to its end: counts and digest of the trailer, the MAC of that digest (which
/// covers header, fields of the other modules and their order), no CRN twice. Throws cps::FileError
/// with what is wrong. Memory does not grow with the file. require_mac: a file without MAC key is
/// refused.
void check_card_file(const std::string& file, PersonaliserKeys& keys, bool require_mac);

}  // namespace kpd
