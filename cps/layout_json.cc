#include "cps/layout_json.h"

namespace cps {
namespace {

Tag tag_of(Fields& fields, const char* name) {
  const auto tag = emvcrypto::parse_tag(fields.text(name));
  if (!tag) throw Refusal{fields.where() + ": " + name + " is not a tag"};
  return *tag;
}

Json to_json(const TaggedApplication& application) {
  Json dgis = Json::array();
  for (const TaggedDgi& dgi : application.dgis)
    dgis.push_back({{"dgi", dgi_name(dgi.id)},
                    {"whole", emvcrypto::tag_name(dgi.whole)},
                    {"content", to_text(dgi.content)}});
  return {{"name", application.name},
          {"pix", emvcrypto::to_hex(application.pix)},
          {"dgis", std::move(dgis)}};
}

TaggedDgi dgi_from_json(const Json& json) {
  Fields fields(json, "a DGI of the layout");
  TaggedDgi dgi;
  const Bytes id = fields.hex("dgi");
  if (id.size() != 2) throw Refusal{"a DGI of the layout has not 2 bytes"};
  dgi.id = static_cast<DgiId>(emvcrypto::to_number(id));
  dgi.whole = tag_of(fields, "whole");
  auto content = parse_tag_trees(fields.text("content"));
  if (!content) throw Refusal{"the content of DGI " + dgi_name(dgi.id) + " is not a list of tags"};
  dgi.content = *std::move(content);
  fields.expect_no_more();
  return dgi;
}

TaggedApplication application_from_json(const Json& json) {
  Fields fields(json, "an application of the layout");
  TaggedApplication application;
  application.name = fields.text("name");
  application.pix = fields.hex("pix");
  for (const Json& dgi : fields.list("dgis")) application.dgis.push_back(dgi_from_json(dgi));
  fields.expect_no_more();
  return application;
}

TaggedCard card_from_json(const Json& json, const RecordLayout& layout) {
  Fields fields(json, "a card of the layout");
  TaggedCard card;
  auto frame = parse_record(fields.hex("frame"), layout);
  if (!frame) throw Refusal{"the frame of a card: " + frame.error().reason};
  card.frame = *std::move(frame);
  for (const Json& application : fields.list("applications"))
    card.applications.push_back(application_from_json(application));
  fields.expect_no_more();
  return card;
}

Json to_json(const LineField& field, bool fixed) {
  constexpr const char* kContents[] = {"text", "chip", "reference"};
  Json json{{"name", field.name}, {"content", kContents[static_cast<int>(field.content)]}};
  if (!fixed) return json;
  json["width"] = field.width;
  json["align"] = field.right ? "right" : "left";
  json["fill"] = std::string(1, field.fill);
  return json;
}

LineField field_from_json(const Json& json, bool fixed) {
  Fields fields(json, "a field of the lines");
  LineField field;
  field.name = fields.text("name");
  field.content = static_cast<LineContent>(fields.choice("content", {"text", "chip", "reference"}));
  if (fixed) {
    field.width = fields.count("width");
    field.right = fields.choice("align", {"left", "right"}) == 1;
    field.fill = fields.character("fill");
  }
  fields.expect_no_more();
  return field;
}

}  // namespace

Json to_json(const TaggedLayout& tagged, const RecordLayout& layout) {
  Json cards = Json::array();
  for (const TaggedCard& card : tagged.cards) {
    Json applications = Json::array();
    for (const TaggedApplication& application : card.applications)
      applications.push_back(to_json(application));
    cards.push_back({{"frame", emvcrypto::to_hex(encode_record(card.frame, layout))},
                     {"applications", std::move(applications)}});
  }
  return {{"pix_length_size", tagged.pix_length_size},
          {"key_data_length_size", tagged.key_data_length_size},
          {"absent", emvcrypto::tag_name(tagged.absent)},
          {"other", emvcrypto::tag_name(tagged.other)},
          {"cards", std::move(cards)}};
}

TaggedLayout tagged_from_json(const Json& json, const RecordLayout& layout) {
  Fields fields(json, "the layout of packages");
  TaggedLayout tagged;
  tagged.pix_length_size = fields.count("pix_length_size");
  tagged.key_data_length_size = fields.count("key_data_length_size");
  tagged.absent = tag_of(fields, "absent");
  tagged.other = tag_of(fields, "other");
  for (const Json& card : fields.list("cards"))
    tagged.cards.push_back(card_from_json(card, layout));
  fields.expect_no_more();
  const std::string mistake = layout_mistake(tagged);
  if (!mistake.empty()) throw Refusal{"the layout of packages: " + mistake};
  return tagged;
}

Json to_json(const LineLayout& lines) {
  constexpr const char* kQuoting[] = {"never", "needed", "always"};
  Json fields = Json::array();
  for (const LineField& field : lines.fields) fields.push_back(to_json(field, lines.fixed));
  Json json{{"encoding", lines.encoding},
            {"prefix", lines.prefix},
            {"end", lines.end},
            {"fixed", lines.fixed}};
  if (!lines.fixed) {
    json["delimiter"] = std::string(1, lines.delimiter);
    json["quote"] = std::string(1, lines.quote);
    json["quoting"] = kQuoting[static_cast<int>(lines.quoting)];
  }
  json["fields"] = std::move(fields);
  return json;
}

LineLayout lines_from_json(const Json& json) {
  Fields fields(json, "the layout of lines");
  LineLayout lines;
  lines.encoding = fields.text("encoding");
  lines.prefix = fields.text("prefix");
  lines.end = fields.text("end");
  lines.fixed = fields.truth("fixed");
  if (!lines.fixed) {
    lines.delimiter = fields.character("delimiter");
    lines.quote = fields.character("quote");
    lines.quoting = static_cast<Quoting>(fields.choice("quoting", {"never", "needed", "always"}));
  }
  for (const Json& field : fields.list("fields"))
    lines.fields.push_back(field_from_json(field, lines.fixed));
  fields.expect_no_more();
  const std::string mistake = layout_mistake(lines);
  if (!mistake.empty()) throw Refusal{"the layout of lines: " + mistake};
  return lines;
}

}  // namespace cps
