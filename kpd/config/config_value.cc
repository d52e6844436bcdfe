#include "kpd/config/config_value.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

namespace kpd {
namespace {

constexpr std::uintmax_t kMaxFileSize = 4 << 20;
constexpr int kMaxDepth = 32;
// Of a whole file, what an alias stands for counted each time.
constexpr std::size_t kMaxNodes = 200'000;
constexpr std::size_t kMaxTexts = 2 * kMaxFileSize;  ///< bytes

[[noreturn]] void fail(const std::filesystem::path& file, const YAML::Mark& mark, std::string what,
                       std::string id) {
  const bool known = mark.line >= 0;
  throw ConfigError(
      std::vector{Mistake{{file.string(), known ? mark.line + 1 : 0, known ? mark.column + 1 : 0},
                          {},
                          std::move(what),
                          {},
                          std::move(id),
                          false}});
}

[[noreturn]] void fail(const std::filesystem::path& file, std::string what) {
  fail(file, YAML::Mark::null_mark(), std::move(what), "yaml");
}

std::string read_whole(const std::filesystem::path& file) {
  std::error_code error;
  const auto size = std::filesystem::file_size(file, error);
  if (error) fail(file, "cannot be read: " + error.message());
  if (size > kMaxFileSize) fail(file, fmt::format("larger than {} bytes", kMaxFileSize));
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) fail(file, "cannot be read");
  return text.str();
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

/// The first line of a text that is no UTF-8, from 0.
int broken_line(const std::string& text) {
  std::istringstream lines(text);
  int number = 0;
  for (std::string line; std::getline(lines, line) && is_utf8(line);) ++number;
  return number;
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
    fail(file, "something stands behind the first document");
}

/// From the parser's tree to ours.
class Converter {
 public:
  explicit Converter(const std::filesystem::path& file) : file_(file) {}

  ConfigPtr convert(const YAML::Node& node, int depth) {
    const YAML::Mark mark = node.Mark();
    if (depth > kMaxDepth) fail(file_, mark, "nested too deeply", "yaml");
    // Aliases can multiply a small file into a huge tree: count what a walk visits.
    if (++count_ > kMaxNodes)
      fail(file_, mark, fmt::format("more than {} values in one file", kMaxNodes), "yaml");
    auto value = std::make_shared<ConfigValue>();
    value->place = {file_.string(), mark.line + 1, mark.column + 1};
    if (node.IsScalar()) {
      texts_ += node.Scalar().size();
      if (texts_ > kMaxTexts)
        fail(file_, mark, fmt::format("more than {} bytes of texts in one file", kMaxTexts),
             "yaml");
      value->kind = ConfigValue::Kind::text;
      value->text = node.Scalar();
      value->quoted = node.Tag() == "!";
    } else if (node.IsSequence()) {
      value->kind = ConfigValue::Kind::list;
      for (const auto& item : node) value->items.push_back(convert(item, depth + 1));
    } else if (node.IsMap()) {
      value->kind = ConfigValue::Kind::map;
      std::set<std::string> seen;
      for (const auto& pair : node) {
        ConfigPtr key = convert(pair.first, depth + 1);
        if (key->kind != ConfigValue::Kind::text)
          fail(file_, pair.first.Mark(), "a text is expected as a key", "yaml");
        if (!seen.insert(key->text).second)
          fail(file_, pair.first.Mark(), fmt::format("key '{}' stands here twice", key->text),
               "duplicate-key");
        value->pairs.push_back({key, convert(pair.second, depth + 1)});
      }
    }
    return value;
  }

 private:
  const std::filesystem::path& file_;
  std::size_t count_ = 0, texts_ = 0;
};

nlohmann::ordered_json to_json(const ConfigValue& value) {
  switch (value.kind) {
    case ConfigValue::Kind::text:
      return value.text;
    case ConfigValue::Kind::list: {
      auto list = nlohmann::ordered_json::array();
      for (const ConfigPtr& item : value.items) list.push_back(to_json(*item));
      return list;
    }
    case ConfigValue::Kind::map: {
      nlohmann::ordered_json::object_t map;
      for (const auto& pair : value.pairs) map.emplace_back(pair.key->text, to_json(*pair.value));
      return map;
    }
    case ConfigValue::Kind::null:
      break;
  }
  return nullptr;
}

}  // namespace

const ConfigValue* ConfigValue::find(std::string_view key) const {
  for (const Pair& pair : pairs)
    if (pair.key->text == key) return pair.value.get();
  return nullptr;
}

ConfigPtr parse_config(const std::string& text, const std::filesystem::path& file) {
  if (text.size() > kMaxFileSize) fail(file, fmt::format("larger than {} bytes", kMaxFileSize));
  if (!is_utf8(text)) {
    YAML::Mark mark;
    mark.line = broken_line(text);
    fail(file, mark, "this is not UTF-8", "yaml");
  }
  try {
    require_one_document(text, file);
    return Converter(file).convert(YAML::Load(text), 0);
  } catch (const YAML::Exception& error) {
    fail(file, error.mark, error.msg, "yaml");
  }
}

ConfigPtr load_config(const std::filesystem::path& file) {
  return parse_config(read_whole(file), file);
}

std::string canonical_form(const ConfigValue& value) {
  try {
    return to_json(value).dump();
  } catch (const nlohmann::json::type_error&) {  // the parser makes half a character of "\\N"
    fail(value.place.file, "a text in it is not UTF-8");
  }
}

}  // namespace kpd
