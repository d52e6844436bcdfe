#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kpd/plan/compile.h"

namespace kpd {
namespace {

/// Identifiers that every card file uses itself (cps/card_file.h).
bool is_module_identifier(std::string_view mic, std::string_view chip) {
  constexpr std::array<std::string_view, 5> kTaken{"$HDR", "$REC", "$TRL", "$REF", "$TYP"};
  return mic.size() == 4 && mic != chip &&
         std::find(kTaken.begin(), kTaken.end(), mic) == kTaken.end() &&
         std::all_of(mic.begin(), mic.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

ModulePlan compile_module(const PlanBuilder& builder, const YamlNode& mic, const YamlNode& node,
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
  return module;
}

}  // namespace

CardPlan PlanBuilder::compile_card(const std::string& product, const YamlNode& name) {
  CardPlan card;
  card.product = product;
  YamlMap document = read(template_file(name.text()), "card");
  document.text("title", "");

  if (const auto values = document.maybe("values")) {
    YamlMap map = values->map();
    for (const auto& [value_name, node] : map.all()) {
      if (find_field(value_name.text(), &card)) value_name.fail("a field of this name exists");
      ValuePlan value;
      value.name = value_name.text();
      YamlMap one = node.map();
      value.key = key_index(one.need("cvv"));
      value.key_left = key_index(one.need("key_a"));
      value.pan = text(one.need("pan"), &card);
      value.expiry = text(one.need("expiry"), &card);
      value.service_code = text(one.need("service_code"), &card);
      one.finish();
      card.values.push_back(std::move(value));
    }
  }
  if (const auto modules = document.maybe("modules")) {
    YamlMap map = modules->map();
    for (const auto& [mic, node] : map.all())
      card.modules.push_back(compile_module(*this, mic, node, card));
  }

  std::vector<ApplicationUse> uses;
  for (const YamlNode& use : document.need("applications").list())
    uses.push_back(open_application(use));
  for (ApplicationUse& use : uses)
    card.applications.push_back(compile_application(use, card, uses));
  document.finish();
  return card;
}

PlanBuilder::ApplicationUse PlanBuilder::open_application(const YamlNode& node) {
  YamlMap use = node.map();
  const std::string name = use.need("template").text();
  YamlMap document = read(template_file(name), "application");
  const auto own_aid = document.maybe("aid");
  const auto other_aid = use.maybe("aid");
  if (!own_aid && !other_aid) document.need("aid");
  Bytes aid = (other_aid ? *other_aid : *own_aid).hex();
  if (aid.size() < 5 || aid.size() > 16)
    (other_aid ? *other_aid : *own_aid).fail("an AID has 5 to 16 bytes");
  std::string label = use.text("label", document.text("label", ""));
  return {name, std::move(use), std::move(document), std::move(aid), std::move(label)};
}

}  // namespace kpd
