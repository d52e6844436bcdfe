#include <algorithm>

#include "cps/line_parts.h"

namespace cps {
namespace {

tl::unexpected<emvcrypto::Fault> refuse(const LineField& field, const std::string& reason) {
  return emvcrypto::fault("output", "field '" + field.name + "' of the line: " + reason);
}

}  // namespace

Expected<std::string> LineCodec::value_of(const LineField& field, std::span<const Module> modules,
                                          ByteView chip, ByteView reference) const {
  if (field.content == LineContent::chip) return emvcrypto::to_hex(chip);
  if (field.content == LineContent::reference) return emvcrypto::to_hex(reference);
  const Bytes* content = find_module(modules, field.name);
  if (content == nullptr) return std::string();
  const std::string_view text = emvcrypto::as_text(*content);
  if (std::any_of(text.begin(), text.end(), is_control))
    return refuse(field, "a control character cannot stand in a line");
  auto encoded = encoding_.encode(text);
  if (!encoded) return refuse(field, encoded.error().reason);
  return encoded;
}

Expected<std::string> LineCodec::delimited(const LineField& field, std::string value) const {
  const bool unsafe =
      value.find(layout_.delimiter) != std::string::npos ||
      (layout_.quoting != Quoting::never && value.find(layout_.quote) != std::string::npos);
  if (layout_.quoting == Quoting::never) {
    if (unsafe) return refuse(field, "the value holds the delimiter");
    return value;
  }
  if (!unsafe && layout_.quoting == Quoting::needed) return value;
  std::string quoted(1, layout_.quote);
  for (const char c : value) {
    if (c == layout_.quote) quoted += c;
    quoted += c;
  }
  return quoted + layout_.quote;
}

Expected<std::string> LineCodec::padded(const LineField& field, std::string value) const {
  if (value.size() > field.width)
    return refuse(field, std::to_string(value.size()) + " bytes do not fit into " +
                             std::to_string(field.width));
  if (must_come_back(field) && !value.empty() &&
      (field.right ? value.front() : value.back()) == field.fill)
    return refuse(field, "the value cannot be told from its fill");
  const std::string fill(field.width - value.size(), field.fill);
  return field.right ? fill + value : value + fill;
}

Expected<std::string> LineCodec::encode(std::span<const Module> modules, ByteView chip,
                                        ByteView reference) const {
  std::string line;
  for (std::size_t i = 0; i < layout_.fields.size(); ++i) {
    const LineField& field = layout_.fields[i];
    auto value = value_of(field, modules, chip, reference);
    if (value)
      value =
          layout_.fixed ? padded(field, *std::move(value)) : delimited(field, *std::move(value));
    if (!value) return value;
    if (i > 0 && !layout_.fixed) line += layout_.delimiter;
    line += *value;
  }
  if (line.starts_with(layout_.prefix))
    return emvcrypto::fault("output", "the line would start with the prefix of header and trailer");
  line += layout_.end;
  if (line.size() > kMaxLine) return emvcrypto::fault("output", "the line is longer than 4 MiB");
  return line;
}

}  // namespace cps
