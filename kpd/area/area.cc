#include "kpd/area/area.h"

#include <cstdlib>
#include <iostream>

#include "kpd/area/read_key_roles.h"
#include "kpd/config/window_policy.h"
#include "kpd/device/area_files.h"
#include "kpd/device/device_cache.h"

namespace kpd {

namespace {

/// A profile beside the area, or a library that needs none.
DeviceProfile read_device(YamlMap& map, const std::filesystem::path& folder) {
  const auto device = map.maybe("device");
  if (!device) {
    DeviceProfile bare;
    const std::string module = map.need("module").text();
    bare.title = std::filesystem::path(module).filename().string();
    bare.modules = {module};
    return bare;
  }
  DeviceProfile profile = read_device_profile(folder / device->text());
  if (const auto module = map.maybe("module")) profile.modules = {module->text()};
  return profile;
}

}  // namespace

Area Area::read(const std::filesystem::path& folder_or_file) {
  Area area;
  const std::filesystem::path file =
      std::filesystem::is_directory(folder_or_file) ? folder_or_file / "area.yaml" : folder_or_file;
  area.folder_ = std::filesystem::absolute(file).parent_path();
  YamlMap map = read_yaml(file, "area");
  area.device_ = read_device(map, area.folder_);
  area.test_ = map.flag("test", false);
  area.register_file_ = area.folder_ / map.text("register", "keys.db");
  area.audit_file_ = area.folder_ / map.text("audit", "audit.jsonl");
  if (const auto environment = map.maybe("environment")) {
    YamlMap variables = environment->map();
    for (const auto& [name, value] : variables.all())
      area.environment_[name.text()] = (area.folder_ / value.text()).string();
  }
  if (const auto windows = map.maybe("host_window")) area.windows_ = read_window_policy(*windows);
  if (const auto roles = map.maybe("key_roles")) area.key_roles_ = read_key_roles(*roles);
  YamlMap parties = map.need("parties").map();
  for (const auto& [name, token] : parties.all()) area.parties_[name.text()] = token.text();
  map.finish();
  return area;
}

std::shared_ptr<hsm::Module> Area::module() {
  if (!module_) {
    check_area_files(device_, folder_);
    for (const auto& [name, value] : environment_) setenv(name.c_str(), value.c_str(), 1);
    std::vector<std::string> labels;
    for (const auto& [party, label] : parties_) labels.push_back(label);
    module_ = hsm::Module::load(device_.find_module(), device_.rules(folder_, labels));
    for (const std::string& file : module_->restored_files())
      std::cerr << "kpd: " << file
                << " was left empty by a program that was killed while it logged in: its copy is "
                   "back\n";
  }
  return module_;
}

std::shared_ptr<hsm::Token> Area::open(std::string_view party, hsm::PinSource& pins) {
  const auto label = parties_.find(party);
  if (label == parties_.end())
    throw Failure(ExitCode::usage, "the work area has no token for the party '" +
                                       std::string(party) + "': add it to area.yaml");
  auto token = hsm::Token::open(module(), label->second, pins);
  recall_answers(folder_, *token, device_);
  return token;
}

}  // namespace kpd
