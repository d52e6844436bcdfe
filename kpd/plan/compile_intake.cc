#include <fmt/format.h>

#include <map>

#include "kpd/config/spelling.h"
#include "kpd/plan/check_pin_fields.h"
#include "kpd/plan/compile_field.h"
#include "kpd/plan/compile_source.h"

namespace kpd {
namespace {

/// Where the job speaks of a field; nothing for one with mistakes, which are told already.
using FieldNodes = std::map<std::string, std::optional<YamlNode>>;

/// The fields that stages know by meaning.
class Roles {
 public:
  Roles(PlanBuilder& builder, const YamlNode& intake, const FieldNodes& nodes)
      : builder_(builder), intake_(intake), nodes_(nodes) {}

  /// A field that has this type wherever it is. `check` tells what else is wrong with it.
  std::optional<FieldId> maybe(const std::string& name, FieldType type,
                               const std::function<std::string(const FieldPlan&)>& check = {}) {
    const auto node = nodes_.find(name);
    if (node == nodes_.end() || !node->second) return std::nullopt;
    const FieldId id = *builder_.find_field(name, nullptr);
    const FieldPlan& field = builder_.plan.fields[id];
    builder_.mistakes.guard([&] {
      if (field.type != type)
        node->second->fail(fmt::format("field '{}' has not the type that its meaning wants", name));
      const std::string wrong = check ? check(field) : "";
      if (!wrong.empty()) node->second->fail(wrong);
    });
    return id;
  }

  /// The same for one that every record has. type: absent for any.
  FieldId need(const std::string& name, std::optional<FieldType> type,
               const std::function<std::string(const FieldPlan&)>& check = {}) {
    if (!nodes_.contains(name))
      builder_.mistakes.guard([&] { intake_.fail(fmt::format("field '{}' is needed", name)); });
    const auto id = builder_.find_field(name, nullptr);
    const auto required = [&](const FieldPlan& field) {
      if (!field.required) return fmt::format("field '{}' cannot be optional", name);
      return check ? check(field) : std::string();
    };
    return maybe(name,
                 type ? *type
                 : id ? builder_.plan.fields[*id].type
                      : FieldType::an,
                 required)
        .value_or(0);
  }

 private:
  PlanBuilder& builder_;
  const YamlNode& intake_;
  const FieldNodes& nodes_;
};

void compile_roles(PlanBuilder& builder, const YamlNode& node, const FieldNodes& nodes) {
  FieldRoles& to = builder.plan.roles;
  Roles roles(builder, node, nodes);
  to.record_id = roles.need("record_id", {}, [](const FieldPlan& field) {
    return field.type == FieldType::pan ? "a record's id stands in files in clear: it is no PAN"
                                        : "";
  });
  to.product = roles.need("product", FieldType::product);
  to.pan = roles.need("pan", FieldType::pan);
  to.psn = roles.need("psn", FieldType::n, [](const FieldPlan& field) {
    return field.min_length == 2 && field.max_length == 2 ? ""
                                                          : "field 'psn' has two digits: length: 2";
  });
  to.expiry = roles.need("expiry", FieldType::expiry);
  to.effective = roles.maybe("effective", FieldType::date, [](const FieldPlan& field) {
    return field.keep_century ? "field 'effective' is kept as YYMMDD" : "";
  });
  to.name = roles.maybe("name", FieldType::name);
  to.service_code = roles.maybe("service_code", FieldType::service_code);
  to.pin_block = roles.maybe("pin_block", FieldType::pin_block);
}

void add_fields(const YamlNode& fields, std::map<std::string, YamlNode>& places) {
  for (const auto& [name, value] : fields.map().all()) places.emplace(name.text(), value);
}

void compile_check(PlanBuilder& builder, const YamlNode& node) {
  YamlMap map = node.map();
  const YamlNode that = map.need("that");
  emvcrypto::Fault fault{map.text("fault", "check"), map.need("reason").text()};
  std::string name;
  if (const auto field = map.maybe("field")) {
    name = field->text();
    if (!builder.find_field(name, nullptr))
      field->fail(fmt::format("no field is called '{}'", name),
                  did_you_mean(name, builder.known_names(nullptr)), "unknown-field");
  }
  map.finish();
  builder.plan.intake.checks.push_back(
      {IntakeScope{builder, true, nullptr, {}, {}}.compile_condition(that), std::move(name),
       std::move(fault)});
}

}  // namespace

void PlanBuilder::compile_intake(const YamlNode& node) {
  YamlMap intake = node.map();
  const auto resolve_file = [this](const std::string& file) { return resolve(file); };
  // A source with a mistake has any column, so that nothing else is told of its fields.
  mistakes.guard([&] {
    YamlMap source = intake.need("source").map();
    plan.intake.cards = compile_source(source, resolve_file);
    source.finish();
  });

  const WantedColumns columns{plan.intake.cards, plan.intake.inputs};
  FieldNodes nodes;
  for (const auto& [name, value] : intake.need("fields").map().all()) {
    const bool good = compile_field(*this, columns, name, value);
    nodes.emplace(name.text(), good ? std::optional(value) : std::nullopt);
  }
  plan.intake.card_fields = plan.fields.size();
  compile_roles(*this, node, nodes);
  std::map<std::string, YamlNode> places;
  add_fields(intake.need("fields"), places);

  if (const auto joins = intake.maybe("joins"))
    for (const auto& [name, value] : joins->map().all()) {
      mistakes.guard([&, &join = name, &said = value] { compile_join(*this, join, said); });
      mistakes.guard([&, &said = value] { add_fields(said.map().need("fields"), places); });
    }
  if (const auto checks = intake.maybe("checks"))
    for (const YamlNode& check : checks->list())
      mistakes.guard([&] { compile_check(*this, check); });
  if (const auto pin = intake.maybe("pin"))
    mistakes.guard([&] { compile_pin(*pin); });
  else if (plan.roles.pin_block)
    mistakes.guard([&] {
      node.fail("field 'pin_block' is there, but not what it holds",
                "add pin: {from: block, format: 0}", "no-pin");
    });
  check_pin_fields(*this, places);
  mistakes.guard([&] { intake.finish(); });
}

}  // namespace kpd
