// Machine models from YAML.
#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "kpd/config/yaml_reader.h"
#include "kpd/machine/machine_model.h"

namespace kpd {
namespace {

constexpr std::size_t kLongestName = 24;
constexpr unsigned kWhole = 100;

/// A module with its place in the file.
struct ReadModule {
  YamlNode node;
  MachineModule module;
};

Milliseconds seconds_of(const YamlNode& node) {
  const std::string text = node.text();
  if (const auto time = parse_seconds(text)) return *time;
  node.fail(fmt::format("'{}' is no time of 0 to 3600 seconds", text),
            "such as 7 or 7.25, with three decimals at most");
}

/// What --fail and reports call a module or tray.
std::string name_in(const YamlNode& node) {
  const std::string name = node.text();
  const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  const auto fits = [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  if (name.empty() || name.size() > kLongestName || !letter(name.front()) ||
      !std::ranges::all_of(name, fits))
    node.fail(
        fmt::format("'{}' is no name: a letter first, then letters, digits, - and _, {} at "
                    "most",
                    name, kLongestName));
  return name;
}

class Reader {
 public:
  explicit Reader(YamlMap map) : map_(std::move(map)) {}

  MachineModel read() {
    guard([&] { model_.title = map_.need("title").text(); });
    guard([&] {
      model_.line = static_cast<LineKind>(
          map_.need("line").choice({"synchronous", "asynchronous", "single"}));
    });
    guard([&] { model_.transport = seconds_of(map_.need("transport_seconds")); });
    guard([&] { read_trays(map_.need("trays").map()); });
    guard([&] {
      for (const YamlNode& node : map_.need("modules").list()) guard([&] { read_module(node); });
      check_order();
      share_chips();
    });
    guard([&] { map_.finish(); });
    mistakes_.throw_if_any();
    for (ReadModule& read : modules_) model_.modules.push_back(std::move(read.module));
    return std::move(model_);
  }

 private:
  bool guard(const std::function<void()>& part) { return mistakes_.guard(part); }

  void read_trays(YamlMap trays) {
    guard([&] { model_.good_tray = name_in(trays.need("good")); });
    guard([&] {
      const YamlNode reject = trays.need("reject");
      model_.reject_tray = name_in(reject);
      if (model_.reject_tray == model_.good_tray)
        reject.fail("good and failed cards cannot lie in one tray");
    });
    guard([&] { trays.finish(); });
  }

  void read_module(const YamlNode& node) {
    YamlMap map = node.map();
    MachineModule module;
    guard([&] {
      const YamlNode name = map.need("name");
      module.name = name_in(name);
      for (const ReadModule& other : modules_)
        if (other.module.name == module.name)
          name.fail(fmt::format("another module is called '{}'", module.name));
    });
    const bool known = guard([&] {
      module.kind = static_cast<ModuleKind>(map.need("kind").choice(
          {"feeder", "encoder", "embosser", "printer", "smart", "reject_mark", "stacker"}));
    });
    guard([&] { module.work = seconds_of(map.need("seconds")); });
    if (module.kind == ModuleKind::embosser)
      guard([&] {
        if (const auto each = map.maybe("seconds_per_character"))
          module.per_character = seconds_of(*each);
      });
    if (module.kind == ModuleKind::smart) read_stations(map, module);
    if (known) guard([&] { map.finish(); });  // else half of the keys would be unknown
    complete_ = complete_ && known;
    modules_.push_back({node, module});
  }

  void read_stations(YamlMap& map, MachineModule& module) {
    const bool read = guard([&] {
      module.stations = static_cast<unsigned>(map.need("stations").number(1, kMostStations));
    });
    guard([&] {
      const auto most =
          map.number("most_stations", module.stations, read ? module.stations : 1, kMostStations);
      module.most_stations = static_cast<unsigned>(most);
    });
    guard([&] {
      module.chip_percent = static_cast<unsigned>(map.number("chip_percent", 0, 1, kWhole));
    });
  }

  /// A feeder first, a stacker last, and none of them elsewhere.
  void check_order() {
    if (!complete_) return;  // what the unknown module is decides
    if (modules_.empty())
      map_.need("modules").fail("a machine has a feeder and a stacker at least");
    for (std::size_t i = 0; i < modules_.size(); ++i) {
      const ModuleKind kind = modules_[i].module.kind;
      const bool first = i == 0, last = i + 1 == modules_.size();
      guard([&] {
        if (first != (kind == ModuleKind::feeder))
          modules_[i].node.fail(first ? "the first module must be the feeder"
                                      : "a feeder stands at the start of the line alone");
      });
      guard([&] {
        if (last != (kind == ModuleKind::stacker))
          modules_[i].node.fail(last ? "the last module must be the stacker"
                                     : "a stacker stands at the end of the line alone");
      });
    }
  }

  /// Who takes which part of a chip: what is written, or equal parts.
  void share_chips() {
    std::vector<ReadModule*> smart;
    for (ReadModule& read : modules_)
      if (read.module.kind == ModuleKind::smart) smart.push_back(&read);
    if (smart.empty()) return;
    const auto count = static_cast<unsigned>(smart.size());
    if (std::ranges::none_of(smart, [](auto* read) { return read->module.chip_percent != 0; })) {
      for (ReadModule* read : smart) read->module.chip_percent = kWhole / count;
      smart.front()->module.chip_percent += kWhole % count;
      return;
    }
    unsigned sum = 0;
    for (const ReadModule* read : smart) sum += read->module.chip_percent;
    if (sum != kWhole && !mistakes_.any_errors())
      smart.front()->node.fail(
          fmt::format("chip_percent of all smart modules together is {}, not 100", sum));
  }

  YamlMap map_;
  Mistakes mistakes_;
  MachineModel model_;
  std::vector<ReadModule> modules_;
  bool complete_ = true;  ///< every module's kind is known
};

}  // namespace

MachineModel read_machine_model(const std::filesystem::path& file) {
  return Reader(read_yaml(file, "machine")).read();
}

}  // namespace kpd
