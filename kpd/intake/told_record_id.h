/// A record's id where people look.
#pragma once

#include <string>
#include <string_view>

namespace kpd {

/// The id as reject files may tell it: empty when it may be a PAN, as where columns are mixed up.
std::string told_record_id(std::string_view id);

}  // namespace kpd
