#include <algorithm>

#include "cps/line_parts.h"

namespace cps {
namespace {

tl::unexpected<emvcrypto::Fault> refuse(const std::string& reason) {
  return emvcrypto::fault("card-file", reason);
}

}  // namespace

/// Each value as `delimited` writes it, no other way.
Expected<std::vector<std::string>> LineCodec::split(std::string_view line) const {
  std::vector<std::string> values;
  std::size_t at = 0;
  for (;;) {
    std::string value;
    const bool quoted =
        layout_.quoting != Quoting::never && at < line.size() && line[at] == layout_.quote;
    if (quoted) {
      for (++at;; ++at) {
        if (at == line.size()) return refuse("a quote is not closed");
        if (line[at] == layout_.quote) {
          if (at + 1 == line.size() || line[at + 1] != layout_.quote) break;
          ++at;
        }
        value += line[at];
      }
      ++at;
    } else {
      const std::size_t end = std::min(line.find(layout_.delimiter, at), line.size());
      value = line.substr(at, end - at);
      at = end;
    }
    const bool needed = value.find(layout_.delimiter) != std::string::npos ||
                        value.find(layout_.quote) != std::string::npos;
    if ((layout_.quoting == Quoting::needed && quoted != needed) ||
        (layout_.quoting == Quoting::always && !quoted))
      return refuse("a value is not quoted as this file quotes");
    values.push_back(std::move(value));
    if (values.size() > layout_.fields.size()) return refuse("a line has too many fields");
    if (at == line.size()) break;
    if (line[at] != layout_.delimiter) return refuse("something stands behind a closing quote");
    ++at;
  }
  if (values.size() < layout_.fields.size()) return refuse("a line has too few fields");
  return values;
}

Expected<std::vector<std::string>> LineCodec::cut(std::string_view line) const {
  std::vector<std::string> values;
  for (const LineField& field : layout_.fields) {
    if (line.size() < field.width) return refuse("a line is too short for its fields");
    std::string_view value = line.substr(0, field.width);
    line.remove_prefix(field.width);
    if (field.right)
      value.remove_prefix(std::min(value.find_first_not_of(field.fill), value.size()));
    else
      value = value.substr(0, value.find_last_not_of(field.fill) + 1);
    values.emplace_back(value);
  }
  if (!line.empty()) return refuse("a line is too long for its fields");
  return values;
}

Expected<Module> LineCodec::module_of(const LineField& field, std::string_view value,
                                      const std::string& chip_mic) {
  if (std::any_of(value.begin(), value.end(), is_control))
    return refuse("field '" + field.name + "' holds a control character");
  if (field.content == LineContent::chip) {
    auto bytes = emvcrypto::parse_hex(value);
    if (!bytes) return refuse("field '" + field.name + "' is not hexadecimal");
    return Module{chip_mic, *std::move(bytes)};
  }
  auto text = encoding_.decode(value);
  if (!text) return refuse("field '" + field.name + "': " + text.error().reason);
  return Module{field.name, Bytes(text->begin(), text->end())};
}

Expected<std::vector<Module>> LineCodec::parse(std::string_view line, const std::string& chip_mic) {
  const auto values = layout_.fixed ? cut(line) : split(line);
  if (!values) return tl::unexpected(values.error());
  std::vector<Module> modules;
  for (std::size_t i = 0; i < values->size(); ++i) {
    auto module = module_of(layout_.fields[i], (*values)[i], chip_mic);
    if (!module) return tl::unexpected(module.error());
    modules.push_back(*std::move(module));
  }
  return modules;
}

}  // namespace cps
