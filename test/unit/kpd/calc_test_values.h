/// Calculations in unit tests.
#pragma once

#include <nlohmann/json.hpp>

#include "kpd/calc/catalogue.h"
#include "kpd/calc/render.h"

namespace kpd::calc {

/// Values by parameter, in clear unless said otherwise.
inline GivenValues given(const std::vector<std::pair<std::string, std::string>>& pairs,
                         bool in_clear = true) {
  GivenValues values;
  for (const auto& [name, text] : pairs)
    values[name].push_back({Secret(emvcrypto::as_bytes(text)), in_clear});
  return values;
}

/// The answer of a function as JSON, keys and PANs shown.
inline nlohmann::json calculated(const std::string& function,
                                 const std::vector<std::pair<std::string, std::string>>& pairs) {
  const Answer answer = calculate(*find_function(function).value(), given(pairs), {true, true});
  return nlohmann::json::parse(render_json(function, answer));
}

/// The words of a function's example: parameters by name, switches as "true".
inline std::vector<std::pair<std::string, std::string>> example_of(const Function& function) {
  std::vector<std::pair<std::string, std::string>> pairs;
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

}  // namespace kpd::calc
