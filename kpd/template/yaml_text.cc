#include "kpd/template/yaml_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

#include "kpd/config/document.h"

namespace kpd {
namespace {

using Kind = ConfigValue::Kind;
constexpr std::string_view kApplications = "applications";

bool is_plain(const ConfigValue& value) {
  constexpr const char* kDigits = "0123456789";
  constexpr const char* kWord =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-./";
  const std::string& text = value.text;
  if (value.quoted || text.empty() || text == "null" || text == "Null" || text == "NULL")
    return false;
  if (text.find_first_not_of(kDigits) == std::string::npos) return true;
  return text.find_first_not_of(kWord) == std::string::npos &&
         std::string_view("0123456789-.").find(text[0]) == std::string_view::npos;
}

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    if (c == '\n')
      result += "\\n";
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F)
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    else
      result += c;
  }
  return result + "\"";
}

void collect_origins(const ConfigValue& value, std::vector<std::string>& origins) {
  if (!value.origin.empty() &&
      std::find(origins.begin(), origins.end(), value.origin) == origins.end())
    origins.push_back(value.origin);
  for (const ConfigPtr& item : value.items) collect_origins(*item, origins);
  for (const auto& pair : value.pairs) collect_origins(*pair.value, origins);
}

/// What stands on one line: its indentation and text, its value, its path in the document.
struct Line {
  std::string text;
  const ConfigValue* value;  ///< null: a line that only opens a section
  std::string path;
};
using Sink = std::function<void(const Line&)>;

std::string joined(const std::string& path, const std::string& key) {
  return path.empty() ? key : path + "." + key;
}

/// By what an entry of a list is known in paths.
std::string entry_name(const ConfigValue& item, std::size_t number) {
  const auto word = [&](std::string_view key) {
    const ConfigValue* value = item.find(key);
    return value != nullptr ? value->text : std::string();
  };
  if (item.kind == Kind::text) return item.text;
  if (!word("dgi").empty()) return word("dgi");
  if (!word("sfi").empty()) return word("sfi") + "/" + word("record");
  return word("name").empty() ? std::to_string(number) : word("name");
}

void walk_document(const ConfigValue& document, const std::string& indent, const std::string& path,
                   const Sink& sink);

void walk_section(const ConfigValue& section, const std::string& key, const std::string& indent,
                  const std::string& path, const Sink& sink) {
  const std::string inner = indent + "  ";
  for (const auto& pair : section.pairs)
    sink({inner + yaml_line(*pair.key) + ": " + yaml_line(*pair.value), pair.value.get(),
          joined(path, pair.key->text)});
  std::size_t number = 0;
  for (const ConfigPtr& item : section.items) {
    const std::string name = joined(path, entry_name(*item, ++number));
    if (key == kApplications && item->find("kind") != nullptr) {
      sink({inner + "-", nullptr, name});
      walk_document(*item, inner + "  ", name, sink);
    } else {
      sink({inner + "- " + yaml_line(*item), item.get(), name});
    }
  }
}

void walk_document(const ConfigValue& document, const std::string& indent, const std::string& path,
                   const Sink& sink) {
  for (const auto& pair : document.pairs) {
    const ConfigValue& value = *pair.value;
    const std::string own = joined(path, pair.key->text);
    if (value.items.empty() && value.pairs.empty()) {
      sink({indent + yaml_line(*pair.key) + ": " + yaml_line(value), &value, own});
    } else {
      sink({indent + yaml_line(*pair.key) + ":", nullptr, own});
      walk_section(value, pair.key->text, indent, own, sink);
    }
  }
}

nlohmann::ordered_json to_json(const ConfigValue& value) {
  if (value.kind == Kind::null) return nullptr;
  if (value.kind == Kind::text) return value.text;
  if (value.kind == Kind::list) {
    auto list = nlohmann::ordered_json::array();
    for (const ConfigPtr& item : value.items) list.push_back(to_json(*item));
    return list;
  }
  auto map = nlohmann::ordered_json::object();
  for (const auto& pair : value.pairs) map[pair.key->text] = to_json(*pair.value);
  return map;
}

}  // namespace

std::string yaml_line(const ConfigValue& value) {
  std::string line;
  switch (value.kind) {
    case Kind::null:
      return "~";
    case Kind::text:
      return is_plain(value) ? value.text : quoted(value.text);
    case Kind::list:
      for (const ConfigPtr& item : value.items)
        line += (line.empty() ? "" : ", ") + yaml_line(*item);
      return "[" + line + "]";
    case Kind::map:
      for (const auto& pair : value.pairs)
        line += (line.empty() ? "" : ", ") + yaml_line(*pair.key) + ": " + yaml_line(*pair.value);
      return "{" + line + "}";
  }
  return line;
}

std::string origin_line(const ConfigValue& value) {
  std::vector<std::string> parts{value.place.text()};
  collect_origins(value, parts);
  std::string line = fmt::format("{}", fmt::join(parts, "; "));
  for (const ConfigValue* old = value.replaced.get(); old != nullptr; old = old->replaced.get())
    line += "; replaces " + old->place.text();
  return line;
}

void write_yaml(std::ostream& out, const ConfigPtr& document) {
  const ConfigPtr escaped = escape_parameters(document);
  walk_document(*escaped, "", "", [&](const Line& line) {
    out << line.text;
    if (line.value != nullptr) out << "  # " << origin_line(*line.value);
    out << "\n";
  });
}

void write_yaml_json(std::ostream& out, const ConfigPtr& document) {
  auto origins = nlohmann::ordered_json::object();
  walk_document(*document, "", "", [&](const Line& line) {
    if (line.value == nullptr) return;
    const FilePlace& place = line.value->place;
    origins[line.path] = {{"file", place.file},
                          {"line", place.line},
                          {"column", place.column},
                          {"text", origin_line(*line.value)}};
  });
  out << nlohmann::ordered_json{{"document", to_json(*document)}, {"origins", origins}}.dump(2)
      << "\n";
}

}  // namespace kpd
