#include "kpd/inspect/decode_format.h"

#include <fmt/format.h>

#include "cps/dgi.h"

namespace kpd::inspect {
namespace {

std::string words(cps::FileFormat format) {
  switch (format) {
    case cps::FileFormat::cps:
      return "EMV CPS records in modules";
    case cps::FileFormat::tagged:
      return "packages of BER-TLV without DGIs, in modules";
    case cps::FileFormat::lines:
      break;
  }
  return "lines of text";
}

/// Where its values stand: the leaves, or a private tag.
Node decode_dgi_form(const cps::TaggedDgi& dgi) {
  Node node = branch("dgi-form", cps::dgi_name(dgi.id), "");
  const std::string whole = emvcrypto::tag_name(dgi.whole);
  node.value = dgi.content.empty() ? "whole in " + whole : cps::to_text(dgi.content);
  if (!dgi.content.empty()) node.note = "or whole in " + whole;
  return node;
}

Node decode_packages(const cps::TaggedLayout& layout) {
  Node node = branch("packages", "", "packages");
  node.value = fmt::format("{} mark of what is absent, {} of other DGIs",
                           emvcrypto::tag_name(layout.absent), emvcrypto::tag_name(layout.other));
  for (std::size_t i = 0; i < layout.cards.size(); ++i) {
    Node card = branch("layout", std::to_string(i), "");
    for (const cps::TaggedApplication& application : layout.cards[i].applications) {
      Node package = branch("package", application.name, "");
      package.value = "PIX " + emvcrypto::to_hex(application.pix);
      for (const cps::TaggedDgi& dgi : application.dgis) package.add(decode_dgi_form(dgi));
      card.add(std::move(package));
    }
    node.add(std::move(card));
  }
  return node;
}

std::string place_of(const cps::LineLayout& lines, const cps::LineField& field) {
  if (!lines.fixed) return {};
  return fmt::format("{} bytes, {}, filled with '{}'", field.width, field.right ? "right" : "left",
                     field.fill);
}

Node decode_lines(const cps::LineLayout& lines) {
  Node node = branch("lines", "", "lines");
  node.value = lines.encoding;
  if (lines.fixed)
    node.value += ", fixed widths";
  else if (lines.quoting == cps::Quoting::never)
    node.value += fmt::format(", between '{}'", lines.delimiter);
  else
    node.value += fmt::format(", between '{}', quoted by {}", lines.delimiter, lines.quote);
  for (const cps::LineField& field : lines.fields) {
    Node one = branch("line-field", field.name, "");
    one.value = field.content == cps::LineContent::chip        ? "chip's record, hexadecimal"
                : field.content == cps::LineContent::reference ? "card reference, hexadecimal"
                                                               : "text";
    one.note = place_of(lines, field);
    node.add(std::move(one));
  }
  return node;
}

}  // namespace

std::vector<Node> decode_format(const cps::FileHeader& header) {
  std::vector<Node> nodes;
  Node format = field("format", "format", words(header.format));
  nodes.push_back(std::move(format));
  if (header.layout.mac_coverage == cps::MacCoverage::section)
    nodes.push_back(field("mac-coverage", "MACs cover", "their own section 3"));
  if (header.layout.mac_coverage == cps::MacCoverage::data_object)
    nodes.push_back(field("mac-coverage", "MACs cover", "their own data object EF"));
  if (header.layout.object_length == cps::ObjectLength::long_form)
    nodes.push_back(field("object-length", "length of EF", "always three bytes"));
  if (header.initial_value != cps::Bytes(header.initial_value.size(), 0x00))
    nodes.push_back(
        field("initial-value", "CBC starts with", emvcrypto::to_hex(header.initial_value)));
  if (header.format == cps::FileFormat::tagged) nodes.push_back(decode_packages(header.tagged));
  if (header.format == cps::FileFormat::lines) nodes.push_back(decode_lines(header.lines));
  return nodes;
}

}  // namespace kpd::inspect
