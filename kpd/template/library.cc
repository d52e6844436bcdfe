#include "kpd/template/library.h"

#include <algorithm>

#include "kpd/config/document.h"
#include "kpd/exit_code.h"

namespace kpd {
namespace {

std::string word(const ConfigValue& map, std::string_view key) {
  const ConfigValue* value = map.find(key);
  return value != nullptr ? value->text : std::string();
}

std::vector<LibraryParameter> parameters_of(const ConfigValue& document) {
  std::vector<LibraryParameter> list;
  const ConfigValue* declared = document.find("parameters");
  const ConfigValue* given = document.find("with");
  if (declared == nullptr) return list;
  for (const auto& pair : declared->pairs) {
    LibraryParameter parameter{pair.key->text, word(*pair.value, "type"),
                               word(*pair.value, "title"), word(*pair.value, "default"), false};
    const ConfigValue* value = given != nullptr ? given->find(parameter.name) : nullptr;
    if (value != nullptr) parameter.fallback = value->text;
    parameter.required = value == nullptr && pair.value->find("default") == nullptr;
    list.push_back(std::move(parameter));
  }
  return list;
}

/// A text that is a parameter by itself, as the parameter's value; the parameter is then said by
/// it.
std::string resolved(const std::string& text, std::vector<LibraryParameter>& parameters) {
  const auto found = std::find_if(
      parameters.begin(), parameters.end(),
      [&](const LibraryParameter& parameter) { return text == "${" + parameter.name + "}"; });
  if (found == parameters.end()) return text;
  std::string value = std::move(found->fallback);
  parameters.erase(found);
  return value;
}

bool is_contactless(const ConfigValue& document) {
  return canonical_form(document).find("\"9F66:") != std::string::npos;
}

LibraryTemplate read(const std::filesystem::path& templates, const std::filesystem::path& file) {
  const auto load = [&](const std::string& name) {
    return load_config(templates / (name + ".yaml"));
  };
  const ConfigPtr document = resolve_extends(load_config(file), load);
  LibraryTemplate one;
  one.name = std::filesystem::relative(file, templates).replace_extension().generic_string();
  one.kind = word(*document, "kind");
  one.title = word(*document, "title");
  one.parameters = parameters_of(*document);
  one.authentication = word(*document, "authentication");
  if (one.authentication.empty()) one.authentication = "none";
  one.contactless = is_contactless(*document);
  one.aid = resolved(word(*document, "aid"), one.parameters);
  one.label = resolved(word(*document, "label"), one.parameters);
  const bool complete = one.kind == "application" ? !word(*document, "aid").empty()
                                                  : document->find("applications") != nullptr;
  if (!complete) one.kind.clear();
  return one;
}

}  // namespace

std::vector<LibraryTemplate> library(const std::filesystem::path& templates,
                                     const std::string& kind) {
  std::vector<LibraryTemplate> list;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator file(templates, error), end;
       !error && file != end; file.increment(error)) {
    if (file->path().extension() != ".yaml") continue;
    try {
      LibraryTemplate one = read(templates, file->path());
      if (one.kind == kind) list.push_back(std::move(one));
    } catch (const Failure&) {  // `kpd template check` tells what is wrong with it
      continue;
    }
  }
  std::sort(list.begin(), list.end(),
            [](const LibraryTemplate& a, const LibraryTemplate& b) { return a.name < b.name; });
  return list;
}

}  // namespace kpd
