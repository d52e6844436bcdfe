#include "kpd/template/file_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kpd/area/area.h"
#include "kpd/area/area_plan.h"
#include "kpd/area/chip_profile.h"
#include "kpd/config/spelling.h"
#include "kpd/device/device_profile.h"
#include "kpd/machine/machine_model.h"
#include "kpd/serve/server_config.h"
#include "kpd/serve/task.h"
#include "kpd/template/job_check.h"

namespace kpd {
namespace {

constexpr std::array<std::string_view, 14> kKinds{
    "job",  "application", "card",   "output-profile",     "constants", "area-plan", "task",
    "area", "chip",        "ca-key", "issuer-certificate", "device",    "machine",   "server"};

/// One run over one file.
class FileCheck {
 public:
  FileCheck(const std::filesystem::path& file, const TemplateWorld& world,
            const TokenOpener& open_token)
      : file_(file), world_(world), open_token_(open_token) {}

  CheckedFile run() {
    found_.guard([&] {
      const YamlNode root(load_config(file_), "");
      const YamlNode kind = root.map().need("kind");
      result_.kind = kind.text();
      check(kind);
    });
    result_.file = file_;
    result_.mistakes = found_.all();
    std::stable_sort(result_.mistakes.begin(), result_.mistakes.end(),
                     [](const Mistake& a, const Mistake& b) { return a.place < b.place; });
    return std::move(result_);
  }

 private:
  void check(const YamlNode& kind) {
    const std::string name = kind.text();
    if (name == "job") return job();
    if (name == "application" || name == "card" || name == "output-profile") {
      CompiledTemplate compiled = examine_template(file_, world_);
      result_.notes = std::move(compiled.notes);
      return take(compiled.job.mistakes);
    }
    if (name == "constants") return constants();
    if (name == "area") return (void)Area::read(file_);
    if (name == "area-plan") return (void)read_area_plan(file_);
    if (name == "device") return (void)read_device_profile(file_);
    if (name == "chip") return (void)read_chip_profile(file_);
    if (name == "task") return (void)read_task(file_);
    if (name == "server") return (void)read_server_config(file_);
    if (name == "machine") return (void)read_machine_model(file_);
    if (name == "ca-key") return (void)read_ca_key(read_yaml(file_, name));
    if (name == "issuer-certificate") return (void)read_issuer_file(read_yaml(file_, name));
    std::vector<std::string> known(kKinds.begin(), kKinds.end());
    kind.fail(fmt::format("no kind of file is called '{}'", name), did_you_mean(name, known),
              "unknown-kind");
  }

  void job() {
    std::shared_ptr<hsm::Token> token;
    found_.guard([&] {
      try {
        if (open_token_) token = open_token_(file_);
      } catch (const hsm::SetupError& error) {
        Mistake missing;
        missing.place.file = file_.string();
        missing.path = "area";
        missing.text = error.what();
        missing.id = kMissingKey;
        found_.add(std::move(missing));
      }
    });
    const CompiledJob compiled = examine_job(file_, token.get());
    take(compiled.mistakes);
    const bool complete = std::ranges::all_of(compiled.mistakes.all(), [](const Mistake& mistake) {
      return mistake.warning || mistake.id == kMissingKey;
    });
    if (complete) found_.guard([&] { check_job(file_, compiled.plan, found_); });
  }

  void constants() {
    YamlMap map = read_yaml(file_, "constants");
    map.text("title", "");
    for (const auto& [name, value] : map.need("values").map().all())
      found_.guard([&] {
        if (!value.is_list()) (void)value.text();
      });
    map.finish();
  }

  void take(const Mistakes& mistakes) {
    for (const Mistake& mistake : mistakes.all()) found_.add(mistake);
  }

  const std::filesystem::path& file_;
  const TemplateWorld& world_;
  const TokenOpener& open_token_;
  Mistakes found_;
  CheckedFile result_;
};

}  // namespace

CheckedFile check_file(const std::filesystem::path& file, const TemplateWorld& world,
                       const TokenOpener& open_token) {
  return FileCheck(file, world, open_token).run();
}

}  // namespace kpd
