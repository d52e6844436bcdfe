#include "kpd/machine/machine_model.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "kpd/config/spelling.h"
#include "kpd/exit_code.h"
#include "kpd/files/resources.h"

namespace kpd {
namespace {

namespace fs = std::filesystem;

}  // namespace

const char* name_of(ModuleKind kind) {
  constexpr std::array kNames{"feeder", "encoder",     "embosser", "printer",
                              "smart",  "reject_mark", "stacker"};
  return kNames.at(static_cast<std::size_t>(kind));
}

const char* name_of(LineKind line) {
  constexpr std::array kNames{"synchronous", "asynchronous", "single"};
  return kNames.at(static_cast<std::size_t>(line));
}

MachineModel MachineModel::with_stations(unsigned stations) const {
  MachineModel model = *this;
  for (MachineModule& module : model.modules)
    if (module.kind == ModuleKind::smart)
      module.stations = std::clamp(stations, 1U, module.most_stations);
  return model;
}

unsigned MachineModel::most_stations() const {
  unsigned most = 0;
  for (const MachineModule& module : modules)
    if (module.kind == ModuleKind::smart) most = std::max(most, module.most_stations);
  return most;
}

fs::path find_machine_model(const std::string& model) {
  const fs::path given(model);
  if (given.has_parent_path() || given.extension() == ".yaml") return given;
  const fs::path folder = resource_folder() / "templates" / "machines";
  if (fs::exists(folder / (model + ".yaml"))) return folder / (model + ".yaml");
  std::set<std::string> names;
  if (fs::is_directory(folder))
    for (const auto& entry : fs::directory_iterator(folder))
      if (entry.path().extension() == ".yaml") names.insert(entry.path().stem().string());
  const std::string hint = did_you_mean(model, std::vector(names.begin(), names.end()));
  throw Failure(
      ExitCode::usage,
      fmt::format("there is no machine '{}' in {} ({}there are: {})", model, folder.string(),
                  hint.empty() ? "" : hint + "; ", fmt::join(names, ", ")));
}

}  // namespace kpd
