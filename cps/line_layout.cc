// Checks of a layout of lines; the lines themselves are in line_write.cc and line_read.cc.
#include "cps/line_layout.h"

#include <algorithm>
#include <stdexcept>

#include "cps/line_parts.h"

namespace cps {
namespace {

constexpr std::size_t kPrefixMax = 8, kNameMax = 64, kFieldsMax = 256;

bool is_print(char c) {
  return c >= 0x20 && c <= 0x7E;
}

bool is_name(const std::string& name) {
  return !name.empty() && name.size() <= kNameMax &&
         std::all_of(name.begin(), name.end(), [](char c) { return c > 0x20 && c <= 0x7E; });
}

std::string field_mistake(const LineLayout& layout, const LineField& field) {
  if (!is_name(field.name)) return "a field's name has 1 to 64 printable characters without blanks";
  if (!layout.fixed) return {};
  if (field.width == 0 || field.width > kMaxLine)
    return "field '" + field.name + "' has a width of 1 to " + std::to_string(kMaxLine) + " bytes";
  if (!is_print(field.fill)) return "field '" + field.name + "' is filled by a printable character";
  if (field.content != LineContent::text && emvcrypto::parse_hex(std::string(2, field.fill)))
    return "field '" + field.name + "' holds hexadecimal and cannot be filled with a digit of it";
  return {};
}

std::string separator_mistake(const LineLayout& layout) {
  if (layout.fixed) return {};
  if ((!is_print(layout.delimiter) && layout.delimiter != '\t') ||
      std::isalnum(static_cast<unsigned char>(layout.delimiter)) != 0)
    return "the delimiter is a printable character or a tab, no letter and no digit";
  if (layout.quoting == Quoting::never) return {};
  if (!is_print(layout.quote) || layout.quote == ' ' || layout.quote == layout.delimiter ||
      std::isalnum(static_cast<unsigned char>(layout.quote)) != 0)
    return "the quote is a printable character, no letter, no digit and not the delimiter";
  if (layout.quoting == Quoting::always && layout.prefix[0] == layout.quote)
    return "every line would start with the prefix of header and trailer";
  return {};
}

const LineLayout& sound(const LineLayout& layout) {
  const std::string mistake = layout_mistake(layout);
  if (!mistake.empty()) throw std::invalid_argument(mistake);
  return layout;
}

}  // namespace

std::string layout_mistake(const LineLayout& layout) {
  if (layout.prefix.empty() || layout.prefix.size() > kPrefixMax ||
      !std::all_of(layout.prefix.begin(), layout.prefix.end(), is_print) ||
      layout.prefix.find('{') != std::string::npos || layout.prefix.starts_with("$HDR"))
    return "the prefix has 1 to 8 printable characters, no '{', and is not $HDR";
  if (layout.end != "\r\n" && layout.end != "\n") return "a line ends with CR LF or LF";
  if (std::string mistake = separator_mistake(layout); !mistake.empty()) return mistake;
  if (layout.fields.empty() || layout.fields.size() > kFieldsMax)
    return "a line has 1 to " + std::to_string(kFieldsMax) + " fields";
  for (std::size_t i = 0; i < layout.fields.size(); ++i) {
    if (std::string mistake = field_mistake(layout, layout.fields[i]); !mistake.empty())
      return mistake;
    for (std::size_t other = 0; other < i; ++other)
      if (layout.fields[other].name == layout.fields[i].name ||
          (layout.fields[i].content != LineContent::text &&
           layout.fields[other].content == layout.fields[i].content))
        return "field '" + layout.fields[i].name + "' stands twice";
  }
  try {
    TextEncoding encoding(layout.encoding);
  } catch (const std::invalid_argument& wrong) {
    return wrong.what();
  }
  return {};
}

bool must_come_back(const LineField& field) {
  return field.content != LineContent::text || field.name == kReferenceMic ||
         field.name == kTypeMic;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

LineCodec::LineCodec(LineLayout layout)
    : layout_(std::move(layout)), encoding_(sound(layout_).encoding) {}

}  // namespace cps
