#include "kpd/script/script.h"

#include <fstream>
#include <sstream>

#include "kpd/exit_code.h"

namespace kpd {

Script read_script(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in || !std::filesystem::is_regular_file(file))
    throw Failure(ExitCode::io, file.string() + ": the script cannot be read");
  Script script{file.filename().string(), std::move(text).str()};
  if (script.text.size() > Script::kMaxSize)
    throw Failure(ExitCode::usage, file.string() + ": a script is at most 256 KiB long");
  return script;
}

}  // namespace kpd
