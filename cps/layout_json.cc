#include "cps/layout_json.h"

namespace cps {
namespace {

constexpr std::string_view kContents[] = {"text", "chip", "reference"};
constexpr std::string_view kAligns[] = {"left", "right"};
constexpr std::string_view kQuoting[] = {"never", "needed", "always"};

DgiId read_dgi_id(const std::string& text) {
  const auto id = emvcrypto::parse_hex(text);
  if (!id) throw Refusal{"a DGI of the layout: dgi is not hexadecimal"};
  if (id->size() != 2) throw Refusal{"a DGI of the layout has not 2 bytes"};
  return static_cast<DgiId>(emvcrypto::to_number(*id));
}

template <typename Fields, typename Dgi>
void describe_dgi(Fields& fields, Dgi& dgi) {
  fields.converted("dgi", dgi.id, dgi_name, read_dgi_id);
  fields.tag("whole", dgi.whole);
  fields.converted(
      "content", dgi.content, [](const auto& trees) { return to_text(trees); },
      [&](const std::string& text) {
        auto trees = parse_tag_trees(text);
        if (!trees)
          throw Refusal{"the content of DGI " + dgi_name(dgi.id) + " is not a list of tags"};
        return *std::move(trees);
      });
}

template <typename Fields, typename Application>
void describe_application(Fields& fields, Application& application) {
  fields.text("name", application.name);
  fields.hex("pix", application.pix);
  fields.list("dgis", application.dgis, "a DGI of the layout",
              [](auto& inner, auto& dgi) { describe_dgi(inner, dgi); });
}

template <typename Fields, typename Card>
void describe_card(Fields& fields, Card& card, const RecordLayout& records) {
  fields.converted(
      "frame", card.frame,
      [&](const Record& frame) { return emvcrypto::to_hex(encode_record(frame, records)); },
      [&](const std::string& text) {
        const auto bytes = emvcrypto::parse_hex(text);
        if (!bytes) throw Refusal{"a card of the layout: frame is not hexadecimal"};
        auto frame = parse_record(*bytes, records);
        if (!frame) throw Refusal{"the frame of a card: " + frame.error().reason};
        return *std::move(frame);
      });
  fields.list("applications", card.applications, "an application of the layout",
              [](auto& inner, auto& application) { describe_application(inner, application); });
}

template <typename Fields, typename Tagged>
void describe_packages(Fields& fields, Tagged& tagged, const RecordLayout& records) {
  fields.number("pix_length_size", tagged.pix_length_size);
  fields.number("key_data_length_size", tagged.key_data_length_size);
  fields.tag("absent", tagged.absent);
  fields.tag("other", tagged.other);
  fields.list("cards", tagged.cards, "a card of the layout",
              [&](auto& inner, auto& card) { describe_card(inner, card, records); });
}

template <typename Fields, typename Field>
void describe_field(Fields& fields, Field& field, bool fixed) {
  fields.text("name", field.name);
  fields.choice("content", field.content, kContents);
  if (!fixed) return;
  fields.number("width", field.width);
  fields.choice("align", field.right, kAligns);
  fields.character("fill", field.fill);
}

template <typename Fields, typename Lines>
void describe_lines(Fields& fields, Lines& lines) {
  fields.text("encoding", lines.encoding);
  fields.text("prefix", lines.prefix);
  fields.text("end", lines.end);
  fields.truth("fixed", lines.fixed);
  if (!lines.fixed) {
    fields.character("delimiter", lines.delimiter);
    fields.character("quote", lines.quote);
    fields.choice("quoting", lines.quoting, kQuoting);
  }
  fields.list("fields", lines.fields, "a field of the lines",
              [&](auto& inner, auto& field) { describe_field(inner, field, lines.fixed); });
}

}  // namespace

void describe(FieldWriter& fields, const TaggedLayout& tagged, const RecordLayout& records) {
  describe_packages(fields, tagged, records);
}

void describe(FieldReader& fields, TaggedLayout& tagged, const RecordLayout& records) {
  describe_packages(fields, tagged, records);
  const std::string mistake = layout_mistake(tagged);
  if (!mistake.empty()) throw Refusal{"the layout of packages: " + mistake};
}

void describe(FieldWriter& fields, const LineLayout& lines) {
  describe_lines(fields, lines);
}

void describe(FieldReader& fields, LineLayout& lines) {
  describe_lines(fields, lines);
  const std::string mistake = layout_mistake(lines);
  if (!mistake.empty()) throw Refusal{"the layout of lines: " + mistake};
}

}  // namespace cps
