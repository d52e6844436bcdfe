#include "kpd/calc/request.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>

namespace kpd::calc {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxName = 24;  ///< longer than any parameter's

/// Parses with names that stand twice and deep nesting refused: neither has a meaning here, and a
/// parameter that silently replaces another is a trap.
Expected<Json> parse(std::string_view text) {
  constexpr int kMaxDepth = 3;  // array, object, values of one parameter
  std::vector<std::set<std::string>> names;
  std::string refused;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& value) {
    const auto level = static_cast<std::size_t>(depth);
    if (event == Json::parse_event_t::object_start) {
      names.resize(std::max(names.size(), level + 1));
      names[level].clear();
    }
    if (event == Json::parse_event_t::key && level >= 1 && level <= names.size() &&
        !names[level - 1].insert(value.get<std::string>()).second && refused.empty())
      refused = "a name stands twice in one object";
    if (depth > kMaxDepth && refused.empty()) refused = "the text is nested too deep";
    return depth <= kMaxDepth;
  };
  try {
    Json json = Json::parse(text, watch);
    if (!refused.empty()) return emvcrypto::fault("usage", refused);
    return json;
  } catch (const Json::parse_error& error) {
    return emvcrypto::fault("usage",
                            fmt::format("this is no JSON from character {} on", error.byte));
  } catch (const Json::exception&) {
    return emvcrypto::fault("usage", "a number in this JSON is out of range");
  }
}

/// A single value as text; nothing for what no parameter takes.
std::optional<Given> given(const Json& value) {
  if (value.is_string()) return given_in_clear(value.get_ref<const std::string&>());
  if (value.is_boolean()) return given_in_clear(value.get<bool>() ? "true" : "false");
  if (value.is_number_unsigned()) return given_in_clear(std::to_string(value.get<std::uint64_t>()));
  return std::nullopt;
}

/// A parameter's name as a message may tell it.
std::string told(const std::string& name) {
  const bool word =
      name.size() <= kMaxName &&
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == std::string::npos;
  return word ? name : "a parameter";
}

Expected<Request> request_of(const Json& json) {
  if (!json.is_object()) return emvcrypto::fault("usage", "a JSON object is wanted");
  Request request;
  for (const auto& [name, value] : json.items()) {
    if (name == "function") {
      if (!value.is_string()) return emvcrypto::fault("usage", "function: a string is wanted");
      request.function = value.get<std::string>();
      continue;
    }
    std::vector<Given>& values = request.values[name];
    const bool list = value.is_array();
    for (const Json& element : list ? value : Json::array({value})) {
      auto one = given(element);
      if (!one)
        return emvcrypto::fault("usage", told(name) +
                                             ": a string is wanted (a number, true or "
                                             "false where the parameter is one)");
      values.push_back(*std::move(one));
    }
    if (values.empty()) return emvcrypto::fault("usage", told(name) + ": the list is empty");
  }
  return request;
}

void take(const Expected<Json>& json, std::vector<Expected<Request>>& into) {
  if (!json)
    into.emplace_back(tl::unexpected(json.error()));
  else if (json->is_array())
    for (const Json& element : *json) into.push_back(request_of(element));
  else
    into.push_back(request_of(*json));
}

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// Lines of one object each, unless the text is one value as a whole.
bool is_lines(std::string_view text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos || is_blank(text.substr(end))) return false;
  const std::string_view first = text.substr(0, end);
  return !is_blank(first) && Json::accept(first);
}

}  // namespace

std::vector<Expected<Request>> parse_requests(std::string_view text) {
  std::vector<Expected<Request>> requests;
  if (!is_lines(text)) {
    take(parse(text), requests);
    return requests;
  }
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    if (!is_blank(line)) take(parse(line), requests);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return requests;
}

}  // namespace kpd::calc
