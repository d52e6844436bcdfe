#include "kpd/config/yaml_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "kpd/config/spelling.h"

namespace kpd {
namespace {

std::string child_path(const std::string& parent, const std::string& key) {
  return parent.empty() ? key : parent + "." + key;
}

}  // namespace

Mistake YamlNode::mistake(const std::string& what, const std::string& hint,
                          const std::string& id) const {
  Mistake mistake{value_->place, path_, what, hint, id, false};
  if (!value_->origin.empty()) mistake.hint += (mistake.hint.empty() ? "" : "; ") + value_->origin;
  return mistake;
}

void YamlNode::fail(const std::string& what, const std::string& hint, const std::string& id) const {
  throw ConfigError(std::vector{mistake(what, hint, id)});
}

YamlMap YamlNode::map() const {
  if (!is_map()) fail("a map of keys and values is expected here");
  return YamlMap(*this);
}

std::vector<YamlNode> YamlNode::list() const {
  if (!is_list()) fail("a list is expected here");
  std::vector<YamlNode> items;
  for (const ConfigPtr& item : value_->items)
    items.emplace_back(item, fmt::format("{}[{}]", path_, items.size() + 1));
  return items;
}

std::string YamlNode::text() const {
  if (!is_text()) fail("a text is expected here");
  return value_->text;
}

std::uint64_t YamlNode::number(std::uint64_t low, std::uint64_t high) const {
  const std::string digits = text();
  if (digits.empty() || digits.size() > 18 ||
      digits.find_first_not_of("0123456789") != std::string::npos)
    fail(fmt::format("'{}' is not a whole number", digits));
  const std::uint64_t value = std::stoull(digits);
  if (value < low || value > high) fail(fmt::format("{} is not within {} to {}", value, low, high));
  return value;
}

bool YamlNode::flag() const {
  const std::string word = text();
  if (word == "true" || word == "yes") return true;
  if (word == "false" || word == "no") return false;
  fail(fmt::format("'{}' is neither true nor false", word));
}

std::string YamlNode::quoted(const char* what) const {
  const std::string value = text();
  if (!value_->quoted)
    fail(fmt::format("{} must be quoted: \"{}\"", what, value),
         "YAML reads some of them as numbers", "unquoted-hex");
  return value;
}

emvcrypto::Bytes YamlNode::hex() const {
  const std::string value = quoted("hexadecimal data");
  auto bytes = emvcrypto::parse_hex(value);
  if (!bytes) fail(fmt::format("'{}' is not hexadecimal with two digits a byte", value));
  return *std::move(bytes);
}

emvcrypto::Bytes YamlNode::hex(std::size_t size) const {
  emvcrypto::Bytes bytes = hex();
  if (bytes.size() != size)
    fail(fmt::format("{} bytes are expected here, not {}", size, bytes.size()));
  return bytes;
}

emvcrypto::Tag YamlNode::tag() const {
  const std::string value = quoted("a tag");
  const auto tag = emvcrypto::parse_tag(value);
  if (!tag) fail(fmt::format("'{}' is not a tag", value));
  return *tag;
}

std::size_t YamlNode::choice(std::initializer_list<std::string_view> names) const {
  const std::string word = text();
  const auto found = std::find(names.begin(), names.end(), word);
  if (found == names.end())
    fail(fmt::format("'{}' is none of: {}", word, fmt::join(names, ", ")),
         did_you_mean(word, names));
  return static_cast<std::size_t>(found - names.begin());
}

YamlMap::YamlMap(const YamlNode& node) : node_(node) {
  for (const auto& pair : node.value().pairs)
    pairs_.emplace_back(YamlNode(pair.key, node.path()),
                        YamlNode(pair.value, child_path(node.path(), pair.key->text)));
}

std::optional<YamlNode> YamlMap::maybe(const std::string& key) {
  asked_.push_back(key);
  for (const auto& [name, value] : pairs_) {
    if (name.text() != key) continue;
    taken_.insert(key);
    return value;
  }
  return std::nullopt;
}

YamlNode YamlMap::need(const std::string& key) {
  auto value = maybe(key);
  if (!value) node_.fail(fmt::format("key '{}' is missing", key));
  return *value;
}

bool YamlMap::has(const std::string& key) const {
  return std::any_of(pairs_.begin(), pairs_.end(),
                     [&](const auto& pair) { return pair.first.text() == key; });
}

std::string YamlMap::text(const std::string& key, const std::string& fallback) {
  const auto value = maybe(key);
  return value ? value->text() : fallback;
}

std::uint64_t YamlMap::number(const std::string& key, std::uint64_t fallback, std::uint64_t low,
                              std::uint64_t high) {
  const auto value = maybe(key);
  return value ? value->number(low, high) : fallback;
}

bool YamlMap::flag(const std::string& key, bool fallback) {
  const auto value = maybe(key);
  return value ? value->flag() : fallback;
}

std::vector<std::pair<YamlNode, YamlNode>> YamlMap::all() {
  for (const auto& pair : pairs_) taken_.insert(pair.first.text());
  return pairs_;
}

void YamlMap::finish() const {
  std::vector<Mistake> mistakes;
  for (const auto& pair : pairs_)
    if (!taken_.contains(pair.first.text()))
      mistakes.push_back(pair.first.mistake(fmt::format("unknown key '{}'", pair.first.text()),
                                            did_you_mean(pair.first.text(), asked_),
                                            "unknown-key"));
  if (!mistakes.empty()) throw ConfigError(std::move(mistakes));
}

YamlMap open_document(const ConfigPtr& value, const std::string& kind) {
  YamlMap map = YamlNode(value, "").map();
  const YamlNode said = map.need("kind");
  if (said.text() != kind)
    said.fail(fmt::format("this file is a '{}', but a '{}' is needed here", said.text(), kind));
  return map;
}

YamlMap parse_yaml(const std::string& text, const std::filesystem::path& name,
                   const std::string& kind) {
  return open_document(parse_config(text, name), kind);
}

YamlMap read_yaml(const std::filesystem::path& file, const std::string& kind) {
  return open_document(load_config(file), kind);
}

}  // namespace kpd
