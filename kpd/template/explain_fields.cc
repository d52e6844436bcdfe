#include "kpd/template/explain_fields.h"

#include <fmt/format.h>

#include "kpd/config/config_value.h"
#include "kpd/template/one_record.h"

namespace kpd {
namespace {

constexpr int kDeepest = 4;  // values over values

std::string source_text(const SourcePlan& source) {
  return source.format == SourcePlan::Format::sql ? "the query" : source.file;
}

const ConfigValue* at(const ConfigValue* map, std::string_view key) {
  return map == nullptr ? nullptr : map->find(key);
}

}  // namespace

void FieldExplainer::add(const ElementPlan& element, const CardPlan& card, const pb::Card* record,
                         inspect::Node& node) const {
  std::vector<FieldId> ids = fields_of(element.text);
  if (element.conversion == Conversion::track2 && !element.constant)
    ids.insert(ids.begin(),
               {plan_.roles.pan, plan_.roles.expiry, plan_.roles.service_code.value_or(0)});
  for (const FieldId id : ids) node.add(node_of(id, card, record, 0));
}

inspect::Node FieldExplainer::node_of(FieldId id, const CardPlan& card, const pb::Card* record,
                                      int depth) const {
  if (id >= plan_.fields.size())
    return value_node(card.values.at(id - plan_.fields.size()), card, record, depth);
  inspect::Node node = inspect::branch("field", plan_.fields[id].name, "field");
  node.value =
      record != nullptr ? shown_field(id, *record, plan_, mask_of(*record, plan_)) : source_of(id);
  node.note = record != nullptr ? source_of(id) : "";
  if (const std::string place = place_of(id); !place.empty())
    node.note += (node.note.empty() ? "" : "; ") + place;
  return node;
}

inspect::Node FieldExplainer::value_node(const ValuePlan& value, const CardPlan& card,
                                         const pb::Card* record, int depth) const {
  inspect::Node node = inspect::branch("value", value.name, "computed value");
  const std::string& key = plan_.keys[value.key].role;
  switch (value.kind) {
    case ValuePlan::Kind::cvv:
      node.value = "card verification value under " + key;
      break;
    case ValuePlan::Kind::pvv:
      node.value = "PIN verification value under " + key;
      break;
    case ValuePlan::Kind::offset:
      node.value = "PIN offset under " + key;
      break;
  }
  node.note = "made by the device";
  if (depth >= kDeepest) return node;
  for (const TextTemplate* text : {&value.pan, &value.expiry, &value.service_code})
    for (const FieldId id : fields_of(*text)) node.add(node_of(id, card, record, depth + 1));
  return node;
}

std::string FieldExplainer::source_of(FieldId id) const {
  const FieldPlan& field = plan_.fields[id];
  const SourcePlan* source = &plan_.intake.cards;
  const std::vector<std::string>* inputs = &plan_.intake.inputs;
  for (const JoinPlan& join : plan_.intake.joins)
    if (id >= join.first_field && id < join.first_field + join.fields) {
      source = &join.source;
      inputs = &join.inputs;
    }
  if (field.from) return "made of columns of " + source_text(*source);
  if (!field.input || *field.input >= inputs->size()) return "any job's";
  return fmt::format("column '{}' of {}", (*inputs)[*field.input], source_text(*source));
}

std::string FieldExplainer::place_of(FieldId id) const {
  const std::string& name = plan_.fields[id].name;
  const ConfigValue* intake = at(job_.get(), "intake");
  if (const ConfigValue* field = at(at(intake, "fields"), name)) return field->place.text();
  if (const ConfigValue* joins = at(intake, "joins"))
    for (const auto& pair : joins->pairs)
      if (const ConfigValue* field = at(at(pair.value.get(), "fields"), name))
        return field->place.text();
  return {};
}

}  // namespace kpd
