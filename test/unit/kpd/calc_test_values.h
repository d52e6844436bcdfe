/// Calculations in unit tests.
#pragma once

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "kpd/calc/catalogue.h"
#include "kpd/calc/render.h"

namespace kpd::calc {

using Json = nlohmann::json;
using Pairs = std::vector<std::pair<std::string, std::string>>;

/// Values by parameter, in clear unless said otherwise.
inline GivenValues given(const Pairs& pairs, bool in_clear = true) {
  GivenValues values;
  for (const auto& [name, text] : pairs)
    values[name].push_back({Secret(emvcrypto::as_bytes(text)), in_clear});
  return values;
}

/// The answer of a function as JSON, keys and PANs shown.
inline Json calculated(const std::string& function, const Pairs& pairs) {
  const Answer answer = calculate(*find_function(function).value(), given(pairs), {true, true});
  return Json::parse(render_json(function, answer));
}

/// The words of a function's example: parameters by name, switches as "true".
inline Pairs example_of(const Function& function) {
  Pairs pairs;
  std::string_view bare;
  for (const Parameter& parameter : function.parameters)
    if (parameter.positional) bare = parameter.name;
  std::vector<std::string> words;
  std::string_view rest = function.example;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    words.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!words[i].starts_with("--")) {
      pairs.emplace_back(bare, words[i]);
      continue;
    }
    const std::string name = words[i].substr(2);
    if (name == "clear-test-keys" || name == "show-pan") continue;
    const auto parameter = std::ranges::find(function.parameters, name, &Parameter::name);
    const bool is_switch = parameter != function.parameters.end() && parameter->kind == Kind::truth;
    pairs.emplace_back(name, is_switch ? "true" : words.at(++i));
  }
  return pairs;
}

/// The vectors of a file.
inline Json vectors(const std::string& file) {
  std::ifstream in(std::string(KPD_TEST_VECTORS) + "/" + file + ".json");
  return Json::parse(in).at("vectors");
}

/// A member as text; numbers in decimal.
inline std::string text(const Json& object, const char* name) {
  const Json& value = object.at(name);
  return value.is_number() ? std::to_string(value.get<int>()) : value.get<std::string>();
}

}  // namespace kpd::calc
