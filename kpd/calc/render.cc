#include "kpd/calc/render.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "kpd/calc/catalogue.h"
#include "kpd/inspect/writer.h"

namespace kpd::calc {
namespace {

using Json = nlohmann::ordered_json;
constexpr auto kReplace = Json::error_handler_t::replace;

bool has_members(const Item& item) {
  return item.shape == Item::Shape::group || item.shape == Item::Shape::list;
}

bool is_node(const Item& item) {
  return item.shape == Item::Shape::node;
}

std::string in_words(const Item& item) {
  switch (item.shape) {
    case Item::Shape::number:
      return std::to_string(item.number);
    case Item::Shape::truth:
      return item.number != 0 ? "yes" : "no";
    default:
      return inspect::printable(item.text);
  }
}

void append_text(std::string& to, const Item& item, std::size_t depth);

/// Texts in one line, bytes for programs left out; what is inside below it.
void append_node(std::string& to, const Item& node, std::size_t depth) {
  std::string line;
  const Item* inside = nullptr;
  for (const Item& member : node.members) {
    if (member.shape == Item::Shape::list) inside = &member;
    if (member.shape == Item::Shape::text && member.name != "bytes")
      line += (line.empty() ? "" : "  ") + inspect::printable(member.text);
  }
  to.append(2 * depth, ' ');
  to += line + "\n";
  if (inside != nullptr) append_text(to, *inside, depth + 1);
}

void append_text(std::string& to, const Item& item, std::size_t depth) {
  std::size_t width = 0;
  for (const Item& member : item.members)
    if (!has_members(member)) width = std::max(width, member.name.size());
  std::size_t place = 0;
  for (const Item& member : item.members) {
    ++place;
    const std::string name = item.shape == Item::Shape::list && member.name.empty()
                                 ? std::to_string(place)
                                 : member.name;
    if (is_node(member)) {
      append_node(to, member, depth);
      continue;
    }
    to.append(2 * depth, ' ');
    if (has_members(member)) {
      to += name + (member.members.empty() ? ": none\n" : ":\n");
      append_text(to, member, depth + 1);
    } else {
      to += fmt::format("{:<{}}  {}\n", name, width, in_words(member));
    }
  }
}

Json json_of(const Item& item) {
  switch (item.shape) {
    case Item::Shape::text:
      return item.text;
    case Item::Shape::number:
      return item.number;
    case Item::Shape::truth:
      return item.number != 0;
    case Item::Shape::list: {
      Json list = Json::array();
      for (const Item& member : item.members) list.push_back(json_of(member));
      return list;
    }
    case Item::Shape::group:
    case Item::Shape::node:
      break;
  }
  Json group = Json::object();
  for (const Item& member : item.members) group[member.name] = json_of(member);
  return group;
}

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::text:
      return "text";
    case Kind::digits:
      return "digits";
    case Kind::pan:
      return "pan";
    case Kind::hex:
      return "hex";
    case Kind::number:
      return "number";
    case Kind::truth:
      return "truth";
    case Kind::choice:
    case Kind::version:
      return "choice";
    case Kind::date:
      return "date";
    case Kind::key:
      return "key";
    case Kind::pin:
      return "pin";
  }
  return {};
}

Json json_of(const Parameter& parameter) {
  Json json{{"name", parameter.name},
            {"kind", kind_name(parameter.kind)},
            {"help", parameter.help},
            {"wanted", wanted(parameter)},
            {"required", parameter.required}};
  if (!parameter.fallback.empty()) json["default"] = parameter.fallback;
  if (parameter.many) json["many"] = true;
  if (parameter.secret()) json["secret"] = true;
  if (parameter.positional) json["positional"] = true;
  return json;
}

}  // namespace

std::string render_text(const Item& items) {
  std::string text;
  append_text(text, items, 0);
  return text;
}

std::string render_json(std::string_view function, const Answer& answer) {
  Json json{{"function", function}};
  if (!answer.items.members.empty()) json["result"] = json_of(answer.items);
  if (answer.fault)
    json["fault"] = {{"code", answer.fault->code}, {"reason", answer.fault->reason}};
  return json.dump(-1, ' ', false, kReplace);
}

std::string render_catalogue_json() {
  Json functions = Json::array();
  for (const Group& group : catalogue())
    for (const Function& function : group.functions) {
      Json parameters = Json::array();
      for (const Parameter& parameter : function.parameters)
        parameters.push_back(json_of(parameter));
      functions.push_back({{"group", group.title},
                           {"name", function.name},
                           {"purpose", function.purpose},
                           {"parameters", std::move(parameters)},
                           {"example", example_line(function)}});
    }
  return Json{{"functions", std::move(functions)}}.dump(2, ' ', false, kReplace);
}

std::string render_catalogue_text() {
  std::string text;
  for (const Group& group : catalogue()) {
    text += fmt::format("{}{}\n", text.empty() ? "" : "\n", group.title);
    for (const Function& function : group.functions)
      text += fmt::format("  {:<18}  {}\n", function.name, function.purpose);
  }
  return text;
}

}  // namespace kpd::calc
