#include "kpd/area/area.h"

#include <cstdlib>

#include "kpd/config/window_policy.h"

namespace kpd {

Area Area::read(const std::filesystem::path& file) {
  Area area;
  area.folder_ = std::filesystem::absolute(file).parent_path();
  YamlMap map = read_yaml(file, "area");
  area.module_path_ = map.need("module").text();
  area.test_ = map.flag("test", false);
  area.register_file_ = area.folder_ / map.text("register", "keys.db");
  area.audit_file_ = area.folder_ / map.text("audit", "audit.jsonl");
  if (const auto environment = map.maybe("environment")) {
    YamlMap variables = environment->map();
    for (const auto& [name, value] : variables.all())
      area.environment_[name.text()] = (area.folder_ / value.text()).string();
  }
  if (const auto windows = map.maybe("host_window")) area.windows_ = read_window_policy(*windows);
  YamlMap parties = map.need("parties").map();
  for (const auto& [name, token] : parties.all()) area.parties_[name.text()] = token.text();
  map.finish();
  return area;
}

std::shared_ptr<hsm::Module> Area::module() {
  if (!module_) {
    for (const auto& [name, value] : environment_) setenv(name.c_str(), value.c_str(), 1);
    module_ = hsm::Module::load(module_path_);
  }
  return module_;
}

std::shared_ptr<hsm::Token> Area::open(std::string_view party, hsm::PinSource& pins) {
  const auto label = parties_.find(party);
  if (label == parties_.end())
    throw Failure(ExitCode::usage, "the work area has no token for the party '" +
                                       std::string(party) + "': add it to area.yaml");
  return hsm::Token::open(module(), label->second, pins);
}

}  // namespace kpd
