#include "kpd/device/device_profile.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <set>

#include "emvcrypto/hash.h"
#include "kpd/config/yaml_reader.h"
#include "kpd/exit_code.h"
#include "kpd/files/resources.h"
#include "kpd/parallel/workers.h"

namespace kpd {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kFirstToken = 0x21;
constexpr std::size_t kCipherBlock = 16;

void replace_all(std::string& text, const std::string& what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

std::map<std::string, std::string> read_texts(const std::optional<YamlNode>& node) {
  std::map<std::string, std::string> texts;
  if (node)
    for (const auto& [name, value] : node->map().all()) texts[name.text()] = value.text();
  return texts;
}

std::vector<std::string> read_list(const std::optional<YamlNode>& node) {
  std::vector<std::string> list;
  if (node)
    for (const YamlNode& item : node->list()) list.push_back(item.text());
  return list;
}

/// `path` as a pattern that nothing else fits.
std::string glob_literal(const std::string& path) {
  std::string pattern;
  for (const char c : path) {
    if (c == '*' || c == '?' || c == '[' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern;
}

/// Nothing of a profile may be made outside the area.
void check_inside(const YamlNode& node, const std::string& path) {
  const fs::path relative(path);
  if (path.empty() || relative.is_absolute() || std::ranges::count(relative, fs::path("..")) > 0)
    node.fail("'" + path + "' is no path inside the work area");
}

std::optional<hsm::TokenMaking> read_making(YamlMap& map) {
  using Way = hsm::TokenMaking::Way;
  const auto node = map.maybe("tokens");
  if (!node) return hsm::TokenMaking{};
  YamlMap tokens = node->map();
  const std::size_t way = tokens.need("made_by").choice({"init-token", "init-pin", "people"});
  hsm::TokenMaking making;
  making.way = way == 1 ? Way::init_pin : Way::init_token;
  making.officer_pin = tokens.text("officer_pin", "");
  making.renew_pins = tokens.flag("renew_pins", false);
  tokens.finish();
  return way == 2 ? std::nullopt : std::optional(making);
}

}  // namespace

std::string device_text(std::string text, const fs::path& area, const std::string& label) {
  replace_all(text, "{area}", fs::absolute(area).lexically_normal().string());
  replace_all(text, "{label}", label);
  return text;
}

DeviceProfile read_device_profile(const fs::path& file) {
  YamlMap map = read_yaml(file, "device");
  DeviceProfile profile;
  profile.title = map.text("title", file.stem().string());
  for (const YamlNode& module : map.need("modules").list())
    profile.modules.push_back(module.text());
  profile.package = map.text("package", "");
  profile.making = read_making(map);
  if (const auto folders = map.maybe("folders"))
    for (const YamlNode& folder : folders->list()) {
      check_inside(folder, folder.text());
      profile.folders.push_back(folder.text());
    }
  if (const auto kept = map.maybe("kept_files"))
    for (const YamlNode& pattern : kept->list()) {
      check_inside(pattern, pattern.text());
      profile.kept_files.push_back(pattern.text());
    }
  profile.files = read_texts(map.maybe("files"));
  for (const auto& [name, text] : profile.files) check_inside(map.node(), name);
  profile.environment = read_texts(map.maybe("environment"));
  for (const auto& [name, path] : profile.environment) check_inside(map.node(), path);
  profile.parameters = map.text("parameters", "");
  profile.token_parameters = map.text("token_parameters", "");
  profile.call_bytes = map.number("call_bytes", profile.call_bytes, kCipherBlock, 1 << 24);
  if (profile.call_bytes % kCipherBlock != 0)
    map.need("call_bytes").fail("a call takes whole blocks: a multiple of 16");
  profile.apart = map.flag("log_in_apart", true);
  profile.spin_locks = map.flag("spin_locks", false);
  profile.workers = static_cast<unsigned>(map.number("workers", 0, 0, kMostWorkers));
  profile.notes = read_list(map.maybe("notes"));
  map.finish();
  const std::string canonical = canonical_form(map.node().value());
  profile.digest = emvcrypto::to_hex(emvcrypto::sha256({emvcrypto::as_bytes(canonical)}));
  return profile;
}

std::string DeviceProfile::find_module() const {
  for (const std::string& candidate : modules)
    if (fs::exists(candidate)) return candidate;
  throw Failure(
      ExitCode::usage,
      fmt::format("the library of '{}' is not installed ({}){}", title, fmt::join(modules, ", "),
                  package.empty() ? "" : ": apt-get install " + package));
}

hsm::LibraryRules DeviceProfile::rules(const fs::path& area,
                                       const std::vector<std::string>& labels) const {
  hsm::LibraryRules rules{{}, call_bytes, apart, spin_locks, {}};
  for (const std::string& pattern : kept_files)
    rules.kept_files.push_back(
        (fs::path(glob_literal(fs::absolute(area).lexically_normal().string())) / pattern)
            .string());
  if (parameters.empty()) return rules;
  const std::string folder = fs::absolute(area).lexically_normal().string();
  if (folder.find_first_of("'\"<>[]{}\\") != std::string::npos)
    throw Failure(ExitCode::usage, fmt::format("the folder {} has a character in its name that the "
                                               "device's library cannot take: name another",
                                               folder));
  // Two parties may share a token; the order must not depend on who asks.
  const std::set<std::string> each(labels.begin(), labels.end());
  std::string tokens;
  std::size_t number = kFirstToken;
  for (const std::string& label : each) {
    std::string one = token_parameters;
    replace_all(one, "{number}", fmt::format("0x{:x}", number++));
    tokens += (tokens.empty() ? "" : " ") + device_text(one, area, label);
  }
  rules.parameters = device_text(parameters, area, "");
  replace_all(rules.parameters, "{tokens}", tokens);
  return rules;
}

fs::path find_device_profile(const std::string& name, const fs::path& start) {
  const fs::path inside = fs::path("templates") / "devices";
  std::string known;
  for (fs::path folder = fs::absolute(start).lexically_normal(); folder.has_relative_path();
       folder = folder.parent_path()) {
    const fs::path file = folder / inside / (name + ".yaml");
    if (fs::exists(file)) return file;
    if (!known.empty() || !fs::is_directory(folder / inside)) continue;
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder / inside))
      if (entry.path().extension() == ".yaml") names.insert(entry.path().stem().string());
    known = fmt::format("{}", fmt::join(names, ", "));
  }
  // A bank's own templates need no devices of their own.
  const fs::path ours = resource_folder() / inside / (name + ".yaml");
  if (fs::exists(ours)) return ours;
  throw Failure(ExitCode::usage,
                fmt::format("there is no device profile '{}' in templates/devices{}", name,
                            known.empty() ? "" : " (there are: " + known + ")"));
}

}  // namespace kpd
