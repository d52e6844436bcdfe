/// The whole card file judged before the first chip is touched.
#pragma once

#include <string>

#include "kpd/keys/personaliser_keys.h"
#include "kpd/station/card_books.h"

namespace kpd {

/// Reads the file to its end: counts and digest of the trailer, the MAC of that digest (which
/// covers header, fields of the other modules and their order), no CRN twice. Throws cps::FileError
/// with what is wrong. Memory does not grow with the file. require_mac: a file without MAC key is
/// refused. Gives the digest of the trailer.
std::string check_card_file(const std::string& file, PersonaliserKeys& keys, bool require_mac);

/// What the books of a card file are found by, and how many cards it has. Reads it to its end.
/// Throws cps::FileError, or Failure(io).
struct CountedFile {
  BookedFile file;
  std::uint64_t cards = 0;
};
CountedFile count_card_file(const std::string& file);

}  // namespace kpd
