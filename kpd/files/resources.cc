#include "kpd/files/resources.h"

#include "kpd/exit_code.h"

namespace kpd {

std::filesystem::path resource_folder() {
  namespace fs = std::filesystem;
  const fs::path program = fs::read_symlink("/proc/self/exe").parent_path();
  for (fs::path folder = program; folder.has_relative_path(); folder = folder.parent_path()) {
    for (const fs::path& candidate : {folder / "share" / "kpd", folder})
      if (fs::exists(candidate / "templates" / "applications") &&
          fs::exists(candidate / "examples" / "starter"))
        return candidate;
  }
  throw Failure(ExitCode::usage,
                "the templates that come with kpd are not found beside the program; name their "
                "folder with --from");
}

}  // namespace kpd
