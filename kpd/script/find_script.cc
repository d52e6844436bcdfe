#include "kpd/script/find_script.h"

#include "kpd/files/resources.h"

namespace kpd {

Script find_script(const std::string& name, const std::filesystem::path& folder) {
  const std::filesystem::path own = folder / name;
  if (!std::filesystem::is_regular_file(own) && name.find('/') == name.npos) {
    const std::string file = name.ends_with(".lua") ? name : name + ".lua";
    const auto shipped = resource_folder() / "templates/scripts" / file;
    if (std::filesystem::exists(shipped)) return read_script(shipped);
  }
  return read_script(own);
}

}  // namespace kpd
