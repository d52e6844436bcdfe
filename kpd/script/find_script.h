/// Scripts by the names that people give them.
#pragma once

#include "kpd/script/script.h"

namespace kpd {

/// A path, from `folder` unless it is absolute; or a bare name of one in templates/scripts of those
/// that came with the program. Throws as read_script.
Script find_script(const std::string& name, const std::filesystem::path& folder = {});

}  // namespace kpd
