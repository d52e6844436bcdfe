/// Where the templates and the starter job that come with the program are.
#pragma once

#include <filesystem>

namespace kpd {

/// The folder that holds `templates` and `examples`: share/kpd beside an installed program, or the
/// source tree that the program was built in. Throws Failure(usage) when neither is there.
std::filesystem::path resource_folder();

}  // namespace kpd
