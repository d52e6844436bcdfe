#include "kpd/plan/compile_field.h"

#include <fmt/format.h>

#include <algorithm>

#include "kpd/config/spelling.h"
#include "kpd/intake/date_reader.h"
#include "kpd/intake/field_check.h"
#include "kpd/plan/compile_source.h"
#include "kpd/plan/field_types.h"

namespace kpd {
namespace {

/// What an embosser has unless the job says otherwise.
constexpr std::string_view kEmbossCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,-/'&";
constexpr std::string_view kJobDate = "job-date";
constexpr std::size_t kMostDecimals = 4;

const FieldTypeInfo& compile_type(const YamlNode& node) {
  const std::string name = node.text();
  if (const FieldTypeInfo* info = find_field_type(name)) return *info;
  std::vector<std::string> known;
  for (const FieldTypeInfo& info : field_types()) known.emplace_back(info.name);
  node.fail(fmt::format("no field type is called '{}'", name), did_you_mean(name, known),
            "unknown-field-type");
}

void compile_lengths(FieldPlan& field, YamlMap& map, const FieldTypeInfo& info) {
  field.min_length = info.shortest;
  field.max_length = info.longest;
  if (const auto length = map.maybe("length")) {
    field.min_length = field.max_length = length->number(info.least, info.most);
    return;
  }
  if (const auto min = map.maybe("min")) field.min_length = min->number(info.least, info.most);
  if (const auto max = map.maybe("max"))
    field.max_length = max->number(std::max(field.min_length, info.least), info.most);
  field.max_length = std::max(field.min_length, field.max_length);
}

/// An earlier field by its name.
FieldId earlier_field(const PlanBuilder& builder, const YamlNode& node,
                      std::initializer_list<FieldType> types, const char* wanted) {
  const auto id = builder.find_field(node.text(), nullptr);
  if (!id) node.fail(fmt::format("no field before this one is called '{}'", node.text()));
  if (std::find(types.begin(), types.end(), builder.plan.fields[*id].type) == types.end())
    node.fail(fmt::format("field '{}' is no {}", node.text(), wanted));
  return *id;
}

void compile_date(FieldPlan& field, YamlMap& map, const PlanBuilder& builder,
                  const FieldTypeInfo& info) {
  field.format = info.format;
  if (const auto format = map.maybe("format")) {
    field.format = format->text();
    const auto mistake = date_pattern_mistake(field.format, field.type == FieldType::date);
    if (!mistake.empty())
      format->fail(std::string(mistake),
                   field.type == FieldType::date ? "YYMMDD, DD.MM.YYYY" : "YYMM, MM/YY");
  }
  if (field.type == FieldType::date)
    if (const auto keep = map.maybe("keep"))
      field.keep_century = keep->choice({"YYMMDD", "YYYYMMDD"}) == 1;
  for (const bool not_before : {true, false})
    if (const auto node = map.maybe(not_before ? "not_before" : "not_after")) {
      DateOrder order{not_before, {}};
      if (node->text() != kJobDate)
        order.other = earlier_field(builder, *node, {FieldType::date, FieldType::expiry}, "date");
      field.order.push_back(order);
    }
}

/// What only this type has.
void compile_options(FieldPlan& field, YamlMap& map, const PlanBuilder& builder,
                     const FieldTypeInfo& info) {
  switch (field.type) {
    case FieldType::date:
    case FieldType::expiry:
      return compile_date(field, map, builder, info);
    case FieldType::service_code:
      field.chip = map.flag("chip", false);
      return;
    case FieldType::emboss:
      field.characters = map.text("characters", std::string(kEmbossCharacters));
      return;
    case FieldType::amount:
      field.decimals = map.number("decimals", field.decimals, 0, kMostDecimals);
      if (const auto currency = map.maybe("currency"))
        field.currency = earlier_field(builder, *currency, {FieldType::currency}, "currency");
      return;
    case FieldType::choice:
      for (const YamlNode& one : map.need("of").list()) field.choices.push_back(one.text());
      return;
    case FieldType::file:
      field.folder = builder.resolve(map.need("folder").text()).string();
      if (const auto missing = map.maybe("missing"))
        field.file_may_be_missing = missing->choice({"reject", "empty"}) == 1;
      return;
    default:
      return;
  }
}

void compile_origin(FieldPlan& field, YamlMap& map, const PlanBuilder& builder,
                    const WantedColumns& columns) {
  const auto column = map.maybe("column");
  const std::string column_name = column ? column->text() : field.name;
  if (const auto from = map.maybe("from")) {
    field.from = IntakeScope{builder, true, &columns, field.name, column_name}.compile(*from);
    if (column && !columns.find(column_name)) columns.need(*column, column_name);
  } else {
    field.input = columns.need(column ? *column : map.node(), column_name);
  }
  if (const auto change = map.maybe("transliterate")) {
    change->choice({"icao-9303"});
    field.transliterate = true;
  }
  field.upper = map.flag("upper", false);
}

/// A default that its own field refuses is a mistake of the job.
void check_default(const FieldPlan& field, const YamlNode& node, const Plan& plan) {
  if (field.type == FieldType::product || field.type == FieldType::file || !field.order.empty())
    return;
  const FieldLookup none = [](FieldId) { return std::string_view(); };
  const auto read = read_field(field, field.default_text, plan, none);
  if (!read) node.fail("the field refuses its own default: " + read.error().reason);
}

void compile_parts(FieldPlan& field, const YamlNode& node, const PlanBuilder& builder,
                   const WantedColumns& columns) {
  YamlMap map = node.map();
  const FieldTypeInfo& info = compile_type(map.need("type"));
  field.type = info.type;
  compile_lengths(field, map, info);
  field.required = map.flag("required", true);
  compile_options(field, map, builder, info);
  compile_origin(field, map, builder, columns);
  if (const auto fallback = map.maybe("default")) {
    field.default_text = fallback->text();
    check_default(field, *fallback, builder.plan);
  }
  map.finish();
}

}  // namespace

std::optional<std::size_t> WantedColumns::find(const std::string& name) const {
  const auto found = std::find(inputs.begin(), inputs.end(), name);
  if (found != inputs.end()) return static_cast<std::size_t>(found - inputs.begin());
  if (!want_column(source, name)) return std::nullopt;
  inputs.push_back(name);
  return inputs.size() - 1;
}

std::size_t WantedColumns::need(const YamlNode& node, const std::string& name) const {
  if (const auto place = find(name)) return *place;
  std::vector<std::string> known;
  for (const SourceColumn& column : source.columns) known.push_back(column.name);
  node.fail(fmt::format("the source has no column '{}'", name), did_you_mean(name, known),
            "unknown-column");
}

std::optional<FieldId> IntakeScope::find(const std::string& name) const {
  if (const auto field = builder.find_field(name, nullptr); field && fields) return field;
  if (columns == nullptr) return std::nullopt;
  const auto place = columns->find(name == own ? own_column : name);
  if (!place) return std::nullopt;
  return kFirstInput + static_cast<FieldId>(*place);
}

template <typename Result>
void IntakeScope::fail(const YamlNode& node, const Result& result, const char* where) const {
  std::vector<std::string> known = builder.known_names(nullptr);
  if (columns != nullptr)
    for (const SourceColumn& column : columns->source.columns) known.push_back(column.name);
  node.fail(fmt::format("{}, at character {} of the {}", result.mistake, result.column, where),
            result.unknown.empty() ? "" : did_you_mean(result.unknown, known), "expression");
}

TextTemplate IntakeScope::compile(const YamlNode& node) const {
  const auto meaning = [this](const std::string& name) { return find(name); };
  auto result = compile_text(node.text(), {meaning, builder.functions});
  if (!result.mistake.empty()) fail(node, result, "text");
  return std::move(result.text);
}

Expression IntakeScope::compile_condition(const YamlNode& node) const {
  const auto meaning = [this](const std::string& name) { return find(name); };
  // The parenthesis takes column 0, so that mistakes tell the condition's own columns.
  auto result =
      compile_expression("(" + node.text() + ") ? '1' : ''", {meaning, builder.functions}, 0);
  if (!result.expression) fail(node, result, "condition");
  return *std::move(result.expression);
}

bool compile_field(PlanBuilder& builder, const WantedColumns& columns, const YamlNode& name,
                   const YamlNode& node) {
  FieldPlan field;
  field.name = name.text();
  const bool good = builder.mistakes.guard([&] {
    if (!is_expression_name(field.name))
      name.fail("a field's name is letters, digits and '_'",
                "name the column apart: {type: ..., column: \"" + field.name + "\"}");
    if (builder.find_field(field.name, nullptr)) name.fail("a field of this name exists");
    compile_parts(field, node, builder, columns);
  });
  builder.plan.fields.push_back(std::move(field));
  return good;
}

}  // namespace kpd
