// Parameters of templates: their types, their values, and `${name}` in texts (document.h).
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "kpd/config/document.h"
#include "kpd/config/spelling.h"
#include "kpd/config/yaml_reader.h"

namespace kpd {
namespace {

using Kind = ConfigValue::Kind;
constexpr std::size_t kLongestText = 65536;
constexpr std::size_t kNodeWeight = 64;
constexpr std::size_t kMostWeight = std::size_t{8} << 20;

/// A parameter with the value that it has in this document.
struct Parameter {
  YamlNode value;
  std::string origin;
};
using Parameters = std::map<std::string, Parameter, std::less<>>;

bool all_of(const std::string& text, const char* allowed) {
  return text.find_first_not_of(allowed) == std::string::npos;
}

/// A parameter's value is put in as it is: a '${' in it would reach the chip as text.
void require_plain(const YamlNode& value) {
  if (value.is_list()) {
    for (const YamlNode& item : value.list()) require_plain(item);
  } else if (value.is_text() && value.text().find("${") != std::string::npos) {
    value.fail("the value of a parameter names no other parameter",
               "put '${' into the place where the parameter is used");
  }
}

/// Throws ConfigError at the value when it is not of the declared type.
void check_type(YamlMap& declared, const YamlNode& value) {
  constexpr const char* kDigits = "0123456789";
  constexpr const char* kAlphanumeric =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const std::size_t type =
      declared.need("type").choice({"text", "n", "an", "hex", "flag", "choice", "list"});
  const auto length = declared.maybe("length");
  const std::size_t low =
      declared.number("min", length ? length->number(0, kLongestText) : 0, 0, kLongestText);
  const std::size_t high = declared.number(
      "max", length ? length->number(0, kLongestText) : kLongestText, low, kLongestText);
  std::vector<std::string> choices;
  if (const auto of = declared.maybe("of"))
    for (const YamlNode& choice : of->list()) choices.push_back(choice.text());
  if (type == 6) return (void)value.list();
  if (type == 4) return (void)value.flag();
  const std::size_t size = type == 3 ? value.hex().size() : value.text().size();
  if (type == 1 && !all_of(value.text(), kDigits)) value.fail("only digits may stand here");
  if (type == 2 && !all_of(value.text(), kAlphanumeric))
    value.fail("only letters and digits may stand here");
  if (type == 5 && std::find(choices.begin(), choices.end(), value.text()) == choices.end())
    value.fail(fmt::format("'{}' is none of: {}", value.text(), fmt::join(choices, ", ")),
               did_you_mean(value.text(), choices));
  if (size < low || size > high)
    value.fail(fmt::format("{} {}, {} to {} are allowed", size, type == 3 ? "bytes" : "characters",
                           low, high));
}

/// Declarations and values of one document.
class ParameterReader {
 public:
  ParameterReader(const ConfigPtr& document, const DocumentLoader& load, Mistakes& mistakes)
      : map_(YamlNode(document, "")), load_(load), mistakes_(mistakes) {}

  Parameters read() {
    mistakes_.guard([&] { values(); });
    mistakes_.guard([&] { declarations(); });
    mistakes_.guard([&] { constants(); });
    for (const auto& [name, value] : given_)
      if (!declared_.contains(name))
        mistakes_.add(value.mistake(fmt::format("no parameter is called '{}'", name),
                                    did_you_mean(name, names_), "unknown-parameter"));
    return std::move(declared_);
  }

 private:
  void values() {
    if (const auto with = map_.maybe("with"))
      for (const auto& [name, value] : with->map().all()) given_.emplace(name.text(), value);
  }

  void declarations() {
    const auto section = map_.maybe("parameters");
    if (!section) return;
    for (const auto& [name, node] : section->map().all()) {
      names_.push_back(name.text());
      mistakes_.guard([&] { declare(name, node); });
    }
  }

  void declare(const YamlNode& name, const YamlNode& node) {
    YamlMap declared = node.map();
    declared.text("title", "");
    const auto fallback = declared.maybe("default");
    const auto given = given_.find(name.text());
    if (given == given_.end() && !fallback)
      name.fail(fmt::format("parameter '{}' has no default and is not given", name.text()),
                fmt::format("say it under 'with: {{{}: ...}}'", name.text()), "missing-parameter");
    const YamlNode value = given == given_.end() ? *fallback : given->second;
    // Known from here on, so that one wrong value is one mistake.
    declared_.emplace(name.text(), Parameter{value, fmt::format("parameter '{}' given at {}",
                                                                name.text(), value.place())});
    require_plain(value);
    check_type(declared, value);
    declared.finish();
  }

  void constants() {
    const auto section = map_.maybe("constants");
    if (!section) return;
    for (const auto& [group, file] : section->map().all())
      mistakes_.guard([&] { group_of_constants(group.text(), file); });
  }

  void group_of_constants(const std::string& group, const YamlNode& file) {
    YamlMap document = open_document(load_(file.text()), "constants");
    document.text("title", "");
    for (const auto& [name, value] : document.need("values").map().all()) {
      const std::string full = group + "." + name.text();
      if (!value.is_list()) (void)value.text();
      declared_.emplace(full,
                        Parameter{value, fmt::format("constant '{}' of {}", full, value.place())});
    }
    document.finish();
  }

  YamlMap map_;
  const DocumentLoader& load_;
  Mistakes& mistakes_;
  std::map<std::string, YamlNode, std::less<>> given_;
  Parameters declared_;
  std::vector<std::string> names_;
};

/// What a value brings into a document, in bytes or thereabouts.
std::size_t weigh(const ConfigValue& value) {
  std::size_t weight = kNodeWeight + value.text.size();
  for (const ConfigPtr& item : value.items) weight += weigh(*item);
  for (const auto& pair : value.pairs) weight += weigh(*pair.key) + weigh(*pair.value);
  return weight;
}

/// Copies a tree with the parameters in their places.
class Substitution {
 public:
  Substitution(const Parameters& parameters, Mistakes& mistakes)
      : parameters_(parameters), mistakes_(mistakes) {}

  ConfigPtr apply(const ConfigPtr& value) {
    if (value->kind == Kind::text) {
      if (value->text.find("${") == std::string::npos) return value;
      ConfigPtr result = value;
      mistakes_.guard([&] { result = text(*value); });
      return result;
    }
    auto copy = std::make_shared<ConfigValue>(*value);
    for (ConfigPtr& item : copy->items) item = apply(item);
    for (auto& pair : copy->pairs) pair.value = apply(pair.value);
    return copy;
  }

 private:
  ConfigPtr text(const ConfigValue& value) {
    auto copy = std::make_shared<ConfigValue>(value);
    copy->text.clear();
    std::size_t at = 0;
    for (;;) {
      const std::size_t open = value.text.find("${", at);
      copy->text += value.text.substr(at, open - at);
      if (open == std::string::npos) return copy;
      if (open > at && value.text[open - 1] == '$') {  // "$${"
        copy->text += "{";
        at = open + 2;
        continue;
      }
      const std::size_t close = value.text.find('}', open);
      if (close == std::string::npos) fail(value, "a '${' without its '}'");
      const std::string name = value.text.substr(open + 2, close - open - 2);
      const auto found = parameters_.find(name);
      if (found == parameters_.end()) fail(value, fmt::format("no parameter is called '{}'", name));
      const ConfigValue& given = found->second.value.value();
      weight_ += weigh(given);
      if (weight_ > kMostWeight) fail(value, "the parameters make this document too large");
      copy->origin = found->second.origin;
      if (given.kind != Kind::text) {
        if (open != 0 || close + 1 != value.text.size())
          fail(value, fmt::format("parameter '{}' is a list and cannot stand inside a text", name));
        auto list = std::make_shared<ConfigValue>(given);
        list->origin = found->second.origin;
        return list;
      }
      copy->text += given.text;
      if (copy->text.size() > kLongestText) fail(value, "the parameters make this text too long");
      copy->quoted = copy->quoted || given.quoted;
      at = close + 1;
    }
  }

  [[noreturn]] static void fail(const ConfigValue& at, std::string what) {
    throw ConfigError(
        std::vector{Mistake{at.place, {}, std::move(what), {}, "unknown-parameter", false}});
  }

  const Parameters& parameters_;
  Mistakes& mistakes_;
  std::size_t weight_ = 0;  ///< of all that parameters brought in
};

}  // namespace

ConfigPtr escape_parameters(const ConfigPtr& document) {
  auto copy = std::make_shared<ConfigValue>(*document);
  for (std::size_t at = 0; (at = copy->text.find("${", at)) != std::string::npos; at += 3)
    copy->text.insert(at, 1, '$');
  for (ConfigPtr& item : copy->items) item = escape_parameters(item);
  for (auto& pair : copy->pairs) pair.value = escape_parameters(pair.value);
  return copy;
}

ConfigPtr put_parameters_in(const ConfigPtr& document, const DocumentLoader& load) {
  Mistakes mistakes;
  const Parameters parameters = ParameterReader(document, load, mistakes).read();
  const ConfigPtr result = Substitution(parameters, mistakes)
                               .apply(without(document, {"parameters", "with", "constants"}));
  mistakes.throw_if_any();
  return result;
}

}  // namespace kpd
