#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kpd/intake/field_check.h"
#include "kpd/plan/check_values.h"

namespace kpd {
namespace {

/// Identifiers that every card file uses itself (cps/card_file.h).
bool is_module_identifier(std::string_view mic, std::string_view chip) {
  constexpr std::array<std::string_view, 5> kTaken{"$HDR", "$REC", "$TRL", "$REF", "$TYP"};
  return mic.size() == 4 && mic != chip &&
         std::find(kTaken.begin(), kTaken.end(), mic) == kTaken.end() &&
         std::all_of(mic.begin(), mic.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

ModulePlan compile_module(PlanBuilder& builder, const YamlNode& mic, const YamlNode& node,
                          const CardPlan& card) {
  ModulePlan module;
  module.mic = mic.text();
  if (!is_module_identifier(module.mic, builder.plan.output.chip_mic))
    mic.fail(
        "a module identifier has 4 printable characters, and $HDR, $REC, $TRL, $REF, $TYP and "
        "the chip's own are taken");
  YamlMap map = node.map();
  if (const auto track = map.maybe("track1")) {
    module.kind = ModulePlan::Kind::track1;
    module.text = builder.text(*track, &card);
  } else if (const auto second = map.maybe("track2")) {
    module.kind = ModulePlan::Kind::track2;
    module.text = builder.text(*second, &card);
  } else {
    module.text = builder.text(map.need("text"), &card);
  }
  map.finish();
  check_module(builder, card, module, node);
  return module;
}

/// Terminals select by the AID, and chips install under it.
void require_new_aid(const std::vector<PlanBuilder::ApplicationUse>& uses, const YamlNode& node) {
  for (std::size_t i = 0; i + 1 < uses.size(); ++i)
    if (uses[i].aid == uses.back().aid)
      node.fail(fmt::format("AID {} is that of the card's application '{}' already",
                            emvcrypto::to_hex(uses[i].aid), uses[i].name),
                "each application of a card has its own", "duplicate-aid");
}

/// What is wrong with an application as a whole is told where its template starts.
ConfigPtr starting_at(const ConfigPtr& document, const FilePlace& place) {
  auto copy = std::make_shared<ConfigValue>(*document);
  copy->place = place;
  return copy;
}

}  // namespace

void PlanBuilder::compile_product(const YamlNode& name, const YamlNode& use) {
  // What the job says of the product is a layer on the card's template.
  auto layer = std::make_shared<ConfigValue>();
  layer->kind = ConfigValue::Kind::map;
  layer->place = use.value().place;
  const auto extends = std::make_shared<ConfigValue>();
  extends->kind = ConfigValue::Kind::text;
  extends->text = "extends";
  if (use.is_text()) {
    layer->pairs.push_back({extends, use.pointer()});
  } else {
    YamlMap map = use.map();
    layer->pairs.push_back({extends, map.need("card").pointer()});
    for (const auto& pair : use.value().pairs)
      if (pair.key->text != "card") layer->pairs.push_back(pair);
  }
  compile_product_card(name.text(), layer);
}

/// A profile that the field can never name is a slip of the hand.
void PlanBuilder::require_possible(FieldId field, const YamlNode& profile) const {
  if (open_world || field >= plan.fields.size()) return;
  const FieldPlan& chooser = plan.fields[field];
  if (chooser.type == FieldType::file || chooser.currency) return;
  FieldPlan alone = chooser;
  alone.order.clear();
  const auto read =
      read_field(alone, profile.text(), plan, [](FieldId) { return std::string_view(); });
  if (!read)
    profile.fail(fmt::format("field '{}' never says '{}': {}", chooser.name, profile.text(),
                             read.error().reason),
                 {}, "risk");
}

/// layer: on top of the card's template, or the template itself.
void PlanBuilder::compile_product_card(const std::string& product, const ConfigPtr& layer) {
  plan.products.emplace(product, plan.cards.size());
  YamlMap document = open_template(resolve_template(layer), "card");
  const auto risk = document.maybe("risk");
  if (!risk) {
    plan.cards.push_back(compile_card(product, document, std::nullopt));
    return;
  }
  RiskPlan& choice = plan.risks[product];
  YamlMap map = risk->map();
  const YamlNode field = map.need("field");
  const auto id = named_field(field.text(), nullptr);
  if (!id) field.fail(fmt::format("no field is called '{}'", field.text()));
  if (*id < plan.fields.size() && plan.brings_pins(*id))
    field.fail(fmt::format("field '{}' brings PINs: it chooses no risk profile", field.text()), {},
               "pin-field");
  choice.field = *id;
  YamlMap profiles = map.need("profiles").map();
  const auto fallback = map.maybe("default");
  map.finish();
  for (const auto& [profile, overrides] : profiles.all()) {
    mistakes.guard([&, &name = profile] { require_possible(*id, name); });
    choice.cards.emplace(profile.text(), plan.cards.size());
    plan.cards.push_back(compile_card(product, document, overrides));
    plan.cards.back().risk = profile.text();
  }
  if (!fallback) return;
  if (!choice.cards.contains(fallback->text()))
    fallback->fail(fmt::format("'profiles' has no '{}'", fallback->text()));
  choice.fallback = fallback->text();
}

CardPlan PlanBuilder::compile_card(const std::string& product, YamlMap document,
                                   const std::optional<YamlNode>& risk) {
  CardPlan card;
  card.product = product;
  document.text("title", "");
  document.maybe("risk");
  if (const auto values = document.maybe("values"))
    for (const auto& [name, node] : values->map().all())
      mistakes.guard([&] { compile_value(name, node, card); });
  if (const auto modules = document.maybe("modules"))
    for (const auto& [mic, node] : modules->map().all())
      mistakes.guard([&] { card.modules.push_back(compile_module(*this, mic, node, card)); });

  std::vector<ApplicationUse> uses;
  for (const YamlNode& use : document.need("applications").list())
    mistakes.guard([&] {
      uses.push_back(open_application(use, risk));
      require_new_aid(uses, use);
    });
  if (risk) require_applications(*risk, uses);
  for (ApplicationUse& use : uses)
    mistakes.guard([&] { card.applications.push_back(compile_application(use, card, uses)); });
  mistakes.guard([&] { document.finish(); });
  CardDocuments& made_of = documents.emplace_back();
  made_of.card = document.node().pointer();
  for (const ApplicationUse& use : uses)
    made_of.applications.push_back({use.name, use.document.node().pointer()});
  return card;
}

void PlanBuilder::require_applications(const YamlNode& risk,
                                       const std::vector<ApplicationUse>& uses) {
  for (const auto& [name, overrides] : risk.map().all()) {
    std::vector<std::string> names;
    for (const ApplicationUse& use : uses) names.push_back(use.name);
    if (std::find(names.begin(), names.end(), name.text()) == names.end())
      mistakes.add(name.mistake(fmt::format("the card has no application called '{}'", name.text()),
                                fmt::format("its applications are: {}", fmt::join(names, ", ")),
                                "unknown-application"));
  }
}

PlanBuilder::ApplicationUse PlanBuilder::open_application(const YamlNode& use,
                                                          const std::optional<YamlNode>& risk) {
  // An application that is written out in the card says its kind.
  const bool written_here = use.map().has("kind");
  const YamlNode from = written_here ? use.map().need("name") : use.map().need("template");
  std::string name = from.text().substr(from.text().rfind('/') + 1);
  if (const ConfigValue* own = use.value().find("name")) name = own->text;

  // What the card says, and then what the risk profile says, are layers on the template.
  // Theirs have the card's parameters put in already.
  ConfigPtr document = escape_parameters(without(use.pointer(), {"template", "name"}));
  FilePlace start = use.value().place;
  if (written_here) {
    document = resolve_template(document);
  } else {
    const ConfigPtr base =
        at_name(from, [&] { return resolve_template(load_config(template_file(from.text()))); });
    document = merge(base, document);
    start = base->place;
  }
  if (risk)
    for (const auto& [application, overrides] : risk->map().all())
      if (application.text() == name)
        document = merge(document, escape_parameters(overrides.pointer()));

  YamlMap map = open_template(starting_at(document, start), "application");
  const YamlNode aid = map.need("aid");
  Bytes bytes = aid.hex();
  if (bytes.size() < 5 || bytes.size() > 16) aid.fail("an AID has 5 to 16 bytes");
  std::string label = map.text("label", "");
  ApplicationUse opened{
      std::move(name), from.text(), std::move(map), std::move(bytes), std::move(label), false, {}};
  if (const auto contactless = opened.document.maybe("contactless")) {
    YamlMap own = contactless->map();
    opened.contactless = true;
    if (const auto kernel = own.maybe("kernel")) opened.kernel = kernel->hex();
    own.finish();
  }
  return opened;
}

}  // namespace kpd
