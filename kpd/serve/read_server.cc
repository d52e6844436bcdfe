// Servers from YAML.
#include <fmt/format.h>

#include <algorithm>

#include "kpd/config/yaml_reader.h"
#include "kpd/serve/server_config.h"

namespace kpd {
namespace {

namespace fs = std::filesystem;

class Reader {
 public:
  Reader(YamlMap map, const fs::path& file)
      : map_(std::move(map)), folder_(fs::absolute(file).parent_path()) {
    config_.file = file;
  }

  ServerConfig read() {
    guard([&] { config_.area = folder_ / map_.text("area", "area.yaml"); });
    guard([&] {
      const YamlNode machines = map_.need("machines");
      for (const YamlNode& node : machines.list()) guard([&] { read_machine(node.map()); });
      if (config_.machines.empty()) machines.fail("a server without machines can do nothing");
    });
    guard([&] {
      const YamlNode tasks = map_.need("tasks");
      for (const YamlNode& node : tasks.list()) config_.tasks.push_back(folder_ / node.text());
      if (config_.tasks.empty()) tasks.fail("a server without tasks knows no package");
    });
    guard([&] { map_.finish(); });
    mistakes_.throw_if_any();
    return std::move(config_);
  }

 private:
  bool guard(const std::function<void()>& part) { return mistakes_.guard(part); }

  void read_machine(YamlMap map) {
    ServerMachine machine;
    guard([&] {
      const YamlNode name = map.need("name");
      machine.name = name.text();
      if (std::ranges::any_of(config_.machines, [&](const ServerMachine& other) {
            return other.name == machine.name;
          }))
        name.fail(fmt::format("another machine is called '{}'", machine.name));
    });
    guard([&] { machine.conveyor = map.flag("conveyor", false); });
    guard([&] {
      const YamlNode stations = map.need("stations");
      for (const YamlNode& node : stations.list())
        guard([&] { machine.stations.push_back(read_station(node)); });
      if (machine.stations.empty()) stations.fail("a machine without stations loads no chip");
    });
    guard([&] { map.finish(); });
    config_.machines.push_back(std::move(machine));
  }

  StationPlace read_station(const YamlNode& node) const {
    YamlMap map = node.map();
    StationPlace place;
    place.reader = map.text("reader", "");
    if (const auto pcscd = map.maybe("pcscd")) place.pcscd = folder_ / pcscd->text();
    if (const auto host = map.maybe("host")) place.host = host->text();
    if (const auto tls = map.maybe("tls")) place.tls = folder_ / tls->text();
    if (!place.host.empty() && !place.pcscd.empty())
      node.fail(
          "a reader is at another host, or at a PC/SC service of this one: 'host' or 'pcscd'");
    if (!place.host.empty() && place.tls.empty())
      node.fail("a station host is reached by TLS alone: 'tls' names the folder of certificates");
    map.finish();
    return place;
  }

  YamlMap map_;
  Mistakes mistakes_;
  fs::path folder_;
  ServerConfig config_;
};

}  // namespace

const ServerMachine& ServerConfig::machine(const std::string& name) const {
  for (const ServerMachine& one : machines)
    if (one.name == name) return one;
  throw Failure(ExitCode::usage, fmt::format("{}: there is no machine '{}'", file.string(), name));
}

ServerConfig read_server_config(const fs::path& file) {
  return Reader(read_yaml(file, "server"), file).read();
}

}  // namespace kpd
