// Any text as a job, a card, an application or an output profile: compiled with the library of
// templates around it, or told what is wrong with it; nothing else.
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "kpd/plan/compile.h"

namespace {

/// A folder with the library and room for one file.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "kpd-fuzz-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
    std::filesystem::create_directory(templates());
    for (const char* kind : {"applications", "cards", "constants", "outputs"})
      std::filesystem::create_directory_symlink(
          std::filesystem::path(KPD_SOURCE_DIR "/templates") / kind, templates() / kind);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::filesystem::path templates() const { return path_ / "templates"; }

  std::filesystem::path write(std::string_view text) const {
    auto file = path_ / "input.yaml";
    std::ofstream(file, std::ios::binary) << text;
    return file;
  }

 private:
  std::filesystem::path path_;
};

/// Every mistake can be told.
void check(const std::vector<kpd::Mistake>& mistakes) {
  for (const kpd::Mistake& mistake : mistakes)
    if (mistake.text.empty() || mistake.line().empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Folder folder;
  const auto file = folder.write(emvcrypto::as_text({data, size}));
  check(kpd::examine_job(file, nullptr).mistakes.all());
  kpd::TemplateWorld world;
  world.templates = folder.templates();
  try {
    check(kpd::examine_template(file, world).job.mistakes.all());
  } catch (const kpd::ConfigError& error) {
    check(error.mistakes());
  }
  return 0;
}
