/// Header and trailer of a card file as JSON; internal to this folder.
#pragma once

#include "cps/card_file.h"

namespace cps {

/// JSON of $HDR and $TRL, ASCII, one line. The header starts with its version.
std::string header_text(const FileHeader& header);
std::string trailer_text(const FileTrailer& trailer);

/// The reverse. Fault "card-file" says which field is missing, wrong or unknown.
Expected<FileHeader> parse_header(ByteView content);
Expected<FileTrailer> parse_trailer(ByteView content);

/// How the JSON of every header starts.
inline constexpr std::string_view kHeaderStart = "{\"version\":";

/// Why a trailer is not that of a file with so many cards and this digest; empty when it is.
std::string trailer_mistake(const FileTrailer& trailer, std::uint64_t records, ByteView digest);

}  // namespace cps
