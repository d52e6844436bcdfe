// Any text as a file of ours: read to its last node as every kind of value, or refused with a
// ConfigError; nothing else. Two texts, apart by a line "...", as a template and what it extends.
#include <cstdlib>

#include "kpd/config/document.h"
#include "kpd/config/yaml_reader.h"

namespace {

/// The value of what may be refused.
template <typename Action>
void attempt(Action action) {
  try {
    action();
  } catch (const kpd::ConfigError& error) {
    if (std::string(error.what()).empty()) std::abort();
  }
}

void walk(const kpd::YamlNode& node) {
  attempt([&] { (void)node.text(); });
  attempt([&] {
    if (node.number(3, 1'000'000) < 3) std::abort();
  });
  attempt([&] { (void)node.flag(); });
  attempt([&] { (void)node.hex(); });
  attempt([&] {
    if (node.hex(2).size() != 2) std::abort();
  });
  attempt([&] { (void)node.tag(); });
  attempt([&] {
    if (node.choice({"none", "sda", "dda"}) > 2) std::abort();
  });
  attempt([&] {
    for (const kpd::YamlNode& item : node.list()) walk(item);
  });
  attempt([&] {
    kpd::YamlMap map = node.map();
    attempt([&] { map.finish(); });
    for (const auto& [name, value] : map.all()) walk(value);
    map.finish();
  });
}

void resolve(const std::string& text) {
  const std::size_t end = text.find("\n...\n");
  const std::string base = end == std::string::npos ? text : text.substr(end + 5);
  const auto load = [&](const std::string& name) { return kpd::parse_config(base, name); };
  const kpd::ConfigPtr child = kpd::parse_config(text.substr(0, end), "child.yaml");
  const kpd::ConfigPtr whole = kpd::put_parameters_in(kpd::resolve_extends(child, load), load);
  walk(kpd::YamlNode(whole, ""));
  (void)kpd::canonical_form(*whole);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(emvcrypto::as_text({data, size}));
  attempt([&] { walk(kpd::parse_yaml(text, "fuzz.yaml", "job").node()); });
  attempt([&] { (void)kpd::canonical_form(*kpd::parse_config(text, "fuzz.yaml")); });
  attempt([&] { resolve(text); });
  return 0;
}
