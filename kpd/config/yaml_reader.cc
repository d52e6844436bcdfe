#include "kpd/config/yaml_reader.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace kpd {
namespace {

constexpr std::uintmax_t kMaxFileSize = 4 << 20;
constexpr int kMaxDepth = 32;
constexpr std::size_t kMaxNodes = 200'000;

std::string child_path(const std::string& parent, const std::string& key) {
  return parent.empty() ? key : parent + "." + key;
}

std::string read_whole(const std::filesystem::path& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  if (error)
    throw ConfigError(fmt::format("{}: cannot be read: {}", file.string(), error.message()));
  if (size > kMaxFileSize)
    throw ConfigError(fmt::format("{}: larger than {} bytes", file.string(), kMaxFileSize));
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) throw ConfigError(fmt::format("{}: cannot be read", file.string()));
  return text.str();
}

/// Aliases can multiply a small file into a huge tree: count what a walk would visit.
void require_sane(const YAML::Node& node, const std::filesystem::path& file, int depth,
                  std::size_t& count) {
  if (depth > kMaxDepth || ++count > kMaxNodes)
    throw ConfigError(fmt::format("{}: nested too deeply or too large", file.string()));
  if (node.IsSequence())
    for (const auto& item : node) require_sane(item, file, depth + 1, count);
  if (node.IsMap())
    for (const auto& pair : node) require_sane(pair.second, file, depth + 1, count);
}

/// Whether every byte belongs to a character of UTF-8 (RFC 3629), none of them NUL: what JSON and
/// people can read. Zero bytes would make the parser guess at UTF-16 or UTF-32.
bool is_utf8(const std::string& text) {
  if (text.find('\0') != std::string::npos) return false;
  try {
    (void)nlohmann::json(text).dump();
    return true;
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

/// Takes a document's parts and keeps nothing.
class Discard : public YAML::EventHandler {
 public:
  using Anchor = YAML::anchor_t;
  using Style = YAML::EmitterStyle::value;
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, Anchor) override {}
  void OnAlias(const YAML::Mark&, Anchor) override {}
  void OnScalar(const YAML::Mark&, const std::string&, Anchor, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, Anchor, Style) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, Anchor, Style) override {}
  void OnMapEnd() override {}
};

/// What stands behind the first document would be read by nobody. (YAML::LoadAll would tell, but
/// does not end for some texts.)
void require_one_document(const std::string& text, const std::filesystem::path& file) {
  std::istringstream in(text);
  YAML::Parser parser(in);
  Discard discard;
  if (parser.HandleNextDocument(discard) && parser.HandleNextDocument(discard))
    throw ConfigError(fmt::format("{}: something stands behind the first document", file.string()));
}

YAML::Node load(const std::string& text, const std::filesystem::path& file) {
  if (text.size() > kMaxFileSize)
    throw ConfigError(fmt::format("{}: larger than {} bytes", file.string(), kMaxFileSize));
  if (!is_utf8(text)) throw ConfigError(fmt::format("{}: this is not UTF-8", file.string()));
  try {
    require_one_document(text, file);
    YAML::Node node = YAML::Load(text);
    std::size_t count = 0;
    require_sane(node, file, 0, count);
    return node;
  } catch (const YAML::Exception& error) {
    throw ConfigError(fmt::format("{}:{}:{}: {}", file.string(), error.mark.line + 1,
                                  error.mark.column + 1, error.msg));
  }
}

/// Maps keep the order of the file: fields, elements and modules are used in it.
nlohmann::ordered_json to_json(const YAML::Node& node) {
  if (node.IsScalar()) return node.Scalar();
  if (node.IsSequence()) {
    auto list = nlohmann::ordered_json::array();
    for (const auto& item : node) list.push_back(to_json(item));
    return list;
  }
  if (node.IsMap()) {
    nlohmann::ordered_json::object_t map;
    for (const auto& pair : node) map.emplace_back(pair.first.Scalar(), to_json(pair.second));
    return map;
  }
  return nullptr;
}

}  // namespace

YamlNode::YamlNode(const YAML::Node& node, std::shared_ptr<const std::filesystem::path> file,
                   std::string path)
    : node_(node), file_(std::move(file)), path_(std::move(path)) {}

std::string YamlNode::place() const {
  const YAML::Mark mark = node_.Mark();
  return fmt::format("{}:{}:{}", file_->string(), mark.line + 1, mark.column + 1);
}

void YamlNode::fail(const std::string& what) const {
  throw ConfigError(fmt::format("{}: {}{}{}", place(), path_, path_.empty() ? "" : ": ", what));
}

YamlMap YamlNode::map() const {
  if (!node_.IsMap()) fail("a map of keys and values is expected here");
  return YamlMap(*this, node_, file_);
}

std::vector<YamlNode> YamlNode::list() const {
  if (!node_.IsSequence()) fail("a list is expected here");
  std::vector<YamlNode> items;
  for (const auto& item : node_)
    items.emplace_back(item, file_, fmt::format("{}[{}]", path_, items.size() + 1));
  return items;
}

std::string YamlNode::text() const {
  if (!node_.IsScalar()) fail("a text is expected here");
  return node_.Scalar();
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
  if (node_.Tag() != "!")
    fail(
        fmt::format("{} must be quoted: \"{}\" (YAML reads some of them as numbers)", what, value));
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
  if (found == names.end()) fail(fmt::format("'{}' is none of: {}", word, fmt::join(names, ", ")));
  return static_cast<std::size_t>(found - names.begin());
}

YamlMap::YamlMap(const YamlNode& node, const YAML::Node& raw,
                 std::shared_ptr<const std::filesystem::path> file)
    : node_(node) {
  std::set<std::string> seen;
  for (const auto& pair : raw) {
    const YamlNode key(pair.first, file, node.path());
    const std::string name = key.text();
    if (!seen.insert(name).second) key.fail(fmt::format("key '{}' stands here twice", name));
    pairs_.emplace_back(key, YamlNode(pair.second, file, child_path(node.path(), name)));
  }
}

std::optional<YamlNode> YamlMap::maybe(const std::string& key) {
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
  for (const auto& pair : pairs_)
    if (!taken_.contains(pair.first.text()))
      pair.first.fail(fmt::format("unknown key '{}'", pair.first.text()));
}

YamlMap parse_yaml(const std::string& text, const std::filesystem::path& name,
                   const std::string& kind) {
  const auto file = std::make_shared<const std::filesystem::path>(name);
  YamlMap map = YamlNode(load(text, name), file, "").map();
  const YamlNode said = map.need("kind");
  if (said.text() != kind)
    said.fail(fmt::format("this file is a '{}', but a '{}' is needed here", said.text(), kind));
  return map;
}

YamlMap read_yaml(const std::filesystem::path& file, const std::string& kind) {
  return parse_yaml(read_whole(file), file, kind);
}

std::string canonical_form(const std::string& text, const std::filesystem::path& name) {
  const auto json = to_json(load(text, name));
  try {
    return json.dump();
  } catch (const nlohmann::json::type_error&) {  // the parser makes half a character of "\\N"
    throw ConfigError(fmt::format("{}: a text in it is not UTF-8", name.string()));
  }
}

std::string canonical_yaml(const std::filesystem::path& file) {
  return canonical_form(read_whole(file), file);
}

}  // namespace kpd
