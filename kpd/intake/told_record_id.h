/// A record's id where people look.
#pragma once

#include <string>
#include <string_view>

namespace kpd {

/// The id as reject files may tell it: empty when a PAN may stand in it (12 to 19 digits with a
/// right check digit, also with spaces and hyphens between them), as where columns are mixed up.
std::string told_record_id(std::string_view id);

/// Whether the digits of an id hold this PAN, whatever stands between them.
bool holds_pan(std::string_view id, std::string_view pan);

}  // namespace kpd
