// Tasks from YAML.
#include <fmt/format.h>

#include <algorithm>

#include "kpd/config/yaml_reader.h"
#include "kpd/script/find_script.h"
#include "kpd/script/script_machine.h"
#include "kpd/serve/task.h"

namespace kpd {
namespace {

constexpr unsigned kMostChips = 10, kMostFailures = 100'000, kLongestWait = 86'400;

class Reader {
 public:
  Reader(YamlMap map, const std::filesystem::path& file) : map_(std::move(map)) {
    task_.file = file;
  }

  Task read() {
    guard([&] { task_.title = map_.need("title").text(); });
    guard([&] { read_packages(map_.need("packages")); });
    guard([&] { task_.machine = map_.need("machine").text(); });
    guard([&] {
      if (const auto scripts = map_.maybe("scripts")) read_scripts(scripts->map());
    });
    guard([&] {
      if (const auto parameters = map_.maybe("parameters"))
        for (const YamlNode& node : parameters->list()) guard([&] { read_parameter(node.map()); });
    });
    guard([&] {
      if (const auto channel = map_.maybe("secure_channel")) read_channel(channel->map());
    });
    guard([&] {
      if (const auto retry = map_.maybe("retry")) read_retry(retry->map());
    });
    guard([&] {
      task_.wait_seconds =
          static_cast<unsigned>(map_.number("wait_seconds", task_.wait_seconds, 1, kLongestWait));
    });
    guard([&] { task_.one_dgi = map_.flag("one_dgi_per_command", false); });
    guard([&] { map_.finish(); });
    mistakes_.throw_if_any();
    return std::move(task_);
  }

 private:
  bool guard(const std::function<void()>& part) { return mistakes_.guard(part); }

  void read_packages(const YamlNode& node) {
    for (const YamlNode& item : node.list()) {
      const std::string type = item.text();
      const auto star = type.find('*');
      if (type.empty() || (star != type.npos && star + 1 != type.size()))
        item.fail(fmt::format("'{}' is no type of packages", type),
                  "the name of a job, or its beginning with a * behind it");
      task_.packages.push_back(type);
    }
    if (task_.packages.empty()) node.fail("a task without packages is never started");
  }

  void read_scripts(YamlMap scripts) {
    for (const auto& [product, name] : scripts.all())
      guard([&, product = product, name = name] {
        try {
          Script script = find_script(name.text(), task_.file.parent_path());
          ScriptMachine check(script);  // before any card, not at the first that needs it
          task_.scripts.emplace(product.text() == "default" ? "" : product.text(),
                                std::move(script));
        } catch (const ConfigError&) {
          throw;
        } catch (const Failure& failure) {
          name.fail(failure.what());
        }
      });
  }

  void read_parameter(YamlMap map) {
    TaskParameter parameter;
    const YamlNode name = map.need("name");
    parameter.name = name.text();
    if (std::ranges::any_of(task_.parameters, [&](const TaskParameter& other) {
          return other.name == parameter.name;
        }))
      name.fail(fmt::format("another parameter is called '{}'", parameter.name));
    const auto value = map.maybe("value"), ask = map.maybe("ask");
    if (value.has_value() == ask.has_value())
      name.fail("a parameter has a value, or is asked for: one of 'value' and 'ask'");
    if (value) parameter.value = value->text();
    if (ask) parameter.prompt = ask->text();
    map.finish();
    task_.parameters.push_back(std::move(parameter));
  }

  void read_channel(YamlMap map) {
    if (const auto protocols = map.maybe("protocols")) {
      task_.channels.scp02 = task_.channels.scp03 = false;
      for (const YamlNode& node : protocols->list())
        (node.choice({"scp02", "scp03"}) == 0 ? task_.channels.scp02 : task_.channels.scp03) = true;
    }
    if (const auto level = map.maybe("least_level"))
      task_.channels.least_level = level->choice({"none", "mac", "mac_and_encryption"}) == 2 ? 0x03
                                   : level->text() == "mac"                                  ? 0x01
                                                                                             : 0x00;
    map.finish();
  }

  void read_retry(YamlMap map) {
    task_.retry.chips =
        static_cast<unsigned>(map.number("chips", task_.retry.chips, 1, kMostChips));
    task_.retry.failures_in_a_row = static_cast<unsigned>(
        map.number("failures_in_a_row", task_.retry.failures_in_a_row, 0, kMostFailures));
    map.finish();
  }

  YamlMap map_;
  Mistakes mistakes_;
  Task task_;
};

/// How well a type fits: its length where it is named, or the length of the beginning; nothing when
/// it does not.
std::optional<std::size_t> fit(const std::string& pattern, const std::string& type) {
  if (pattern == type) return std::string::npos;
  if (!pattern.ends_with('*')) return std::nullopt;
  const std::string_view start = std::string_view(pattern).substr(0, pattern.size() - 1);
  return type.starts_with(start) ? std::optional(start.size()) : std::nullopt;
}

std::optional<std::size_t> fit(const Task& task, const std::string& type) {
  std::optional<std::size_t> best;
  for (const std::string& pattern : task.packages) best = std::max(best, fit(pattern, type));
  return best;
}

}  // namespace

Task read_task(const std::filesystem::path& file) {
  return Reader(read_yaml(file, "task"), file).read();
}

bool takes(const Task& task, const std::string& type) {
  return fit(task, type).has_value();
}

const Task& task_for(const std::vector<Task>& tasks, const std::string& type) {
  const Task* best = nullptr;
  std::optional<std::size_t> how_well;
  const Task* other = nullptr;
  for (const Task& task : tasks) {
    const auto fits = fit(task, type);
    if (!fits || (how_well && *fits < *how_well)) continue;
    other = fits == how_well ? best : nullptr;
    best = &task;
    how_well = fits;
  }
  if (best == nullptr)
    throw Failure(ExitCode::usage, fmt::format("no task takes packages of type '{}': name it under "
                                               "'packages' of a task",
                                               type));
  if (other != nullptr)
    throw Failure(ExitCode::usage,
                  fmt::format("packages of type '{}' are taken by two tasks: {} and "
                              "{}",
                              type, other->file.string(), best->file.string()));
  return *best;
}

}  // namespace kpd
