#include <fmt/format.h>

#include <array>

#include "kpd/plan/compile.h"

namespace kpd {
namespace {

struct TypeName {
  std::string_view name;
  FieldType type;
  std::size_t min_length, max_length;  ///< what the type itself allows
};

constexpr std::array kTypes{
    TypeName{"n", FieldType::n, 0, 256},
    TypeName{"an", FieldType::an, 0, 256},
    TypeName{"ans", FieldType::ans, 0, 4096},
    TypeName{"hex", FieldType::hex, 0, 65536},
    TypeName{"pan", FieldType::pan, 12, 19},
    TypeName{"date-yymmdd", FieldType::date_yymmdd, 6, 6},
    TypeName{"expiry-yymm", FieldType::expiry_yymm, 4, 4},
    TypeName{"service-code", FieldType::service_code, 3, 3},
    TypeName{"country", FieldType::country, 3, 3},
    TypeName{"currency", FieldType::currency, 3, 3},
    TypeName{"language", FieldType::language, 2, 2},
    TypeName{"name", FieldType::name, 2, 26},
    TypeName{"pin-block", FieldType::pin_block, 16, 16},
    TypeName{"product", FieldType::product, 1, 64},
};

FieldPlan compile_field(const std::string& name, const YamlNode& node) {
  FieldPlan field;
  field.name = name;
  YamlMap map = node.map();
  const YamlNode type = map.need("type");
  const TypeName* found = nullptr;
  for (const TypeName& candidate : kTypes)
    if (candidate.name == type.text()) found = &candidate;
  if (found == nullptr) type.fail(fmt::format("no field type is called '{}'", type.text()));
  field.type = found->type;
  field.min_length = found->min_length;
  field.max_length = found->max_length;
  if (const auto length = map.maybe("length")) {
    field.min_length = field.max_length = length->number(found->min_length, found->max_length);
  } else {
    field.min_length = map.number("min", field.min_length, found->min_length, found->max_length);
    field.max_length = map.number("max", field.max_length, field.min_length, found->max_length);
  }
  field.required = map.flag("required", true);
  map.finish();
  return field;
}

CsvPlan compile_csv(YamlMap& map, const std::filesystem::path& file) {
  map.need("format").choice({"csv"});
  CsvPlan csv;
  csv.file = file.string();
  const std::string delimiter = map.text("delimiter", ";");
  if (delimiter.size() != 1 || std::string_view("\"\r\n\0", 4).find(delimiter) != std::string::npos)
    map.node().fail("the delimiter is one character, neither a quote nor a line end");
  csv.delimiter = delimiter[0];
  return csv;
}

}  // namespace

void PlanBuilder::compile_intake(const YamlNode& node) {
  YamlMap intake = node.map();
  YamlMap source = intake.need("source").map();
  plan.intake.cards = compile_csv(source, resolve(source.need("file").text()));
  source.finish();

  YamlMap fields = intake.need("fields").map();
  for (const auto& [name, value] : fields.all()) {
    if (find_field(name.text(), nullptr)) name.fail("a field of this name exists");
    plan.fields.push_back(compile_field(name.text(), value));
  }
  plan.intake.card_fields = plan.fields.size();

  const auto role = [&](const std::string& name, FieldType type) -> std::optional<FieldId> {
    const auto id = find_field(name, nullptr);
    if (id && plan.fields[*id].type != type)
      intake.node().fail(fmt::format("field '{}' has not the type that its meaning wants", name));
    return id;
  };
  const auto must = [&](const std::string& name, std::optional<FieldId> id) {
    if (!id) intake.node().fail(fmt::format("field '{}' is needed", name));
    if (!plan.fields[*id].required)
      intake.node().fail(fmt::format("field '{}' cannot be optional", name));
    return *id;
  };
  plan.roles.record_id = must("record_id", find_field("record_id", nullptr));
  plan.roles.product = must("product", role("product", FieldType::product));
  plan.roles.pan = must("pan", role("pan", FieldType::pan));
  plan.roles.psn = must("psn", role("psn", FieldType::n));
  if (plan.fields[plan.roles.psn].min_length != 2 || plan.fields[plan.roles.psn].max_length != 2)
    intake.node().fail("field 'psn' has two digits: length: 2");
  plan.roles.expiry = must("expiry", role("expiry", FieldType::expiry_yymm));
  plan.roles.effective = role("effective", FieldType::date_yymmdd);
  plan.roles.name = role("name", FieldType::name);
  plan.roles.service_code = role("service_code", FieldType::service_code);
  plan.roles.pin_block = role("pin_block", FieldType::pin_block);

  if (const auto joins = intake.maybe("joins")) {
    YamlMap map = joins->map();
    for (const auto& [name, value] : map.all()) {
      JoinPlan join;
      join.name = name.text();
      YamlMap one = value.map();
      join.csv = compile_csv(one, resolve(one.need("file").text()));
      join.key_column = one.need("key").text();
      const YamlNode on = one.need("on");
      const auto field = find_field(on.text(), nullptr);
      if (!field || *field >= plan.intake.card_fields)
        on.fail(fmt::format("no field of the card records is called '{}'", on.text()));
      join.on = *field;
      if (const auto missing = one.maybe("missing"))
        join.reject_missing = missing->choice({"empty", "reject"}) == 1;
      YamlMap columns = one.need("fields").map();
      for (const auto& [column, type] : columns.all()) {
        if (find_field(column.text(), nullptr)) column.fail("a field of this name exists");
        join.fields.push_back(static_cast<FieldId>(plan.fields.size()));
        plan.fields.push_back(compile_field(column.text(), type));
      }
      one.finish();
      plan.intake.joins.push_back(std::move(join));
    }
  }
  if (const auto pin = intake.maybe("pin_format"))
    plan.pin_format = static_cast<int>(pin->number(0, 0));
  intake.finish();
}

}  // namespace kpd
