#include "kpd/template/examined.h"

#include <fmt/format.h>

#include <algorithm>

namespace kpd {
namespace {

using Kind = ConfigValue::Kind;

constexpr std::string_view kAllProfiles = "all";

ConfigPtr key_text(std::string_view text) {
  auto key = std::make_shared<ConfigValue>();
  key->kind = Kind::text;
  key->text = text;
  return key;
}

template <typename Map>
std::string names_of(const Map& map) {
  std::vector<std::string> names;
  for (const auto& [name, value] : map) names.push_back(name);
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string choose_product(const Plan& plan, const std::string& product) {
  if (product.empty() && plan.products.size() == 1) return plan.products.begin()->first;
  if (product.empty())
    throw Failure(ExitCode::usage, "--product is needed, one of: " + names_of(plan.products));
  if (!plan.products.contains(product))
    throw Failure(ExitCode::usage, fmt::format("no product is called '{}', there are: {}", product,
                                               names_of(plan.products)));
  return product;
}

/// The document of an application as it stands in the list of a card.
ConfigPtr written_out(const CardDocuments::Application& application) {
  auto copy = std::make_shared<ConfigValue>(*without(application.document, {"name"}));
  copy->pairs.insert(copy->pairs.begin(),
                     {key_text("name"), [&] {
                        auto name = std::make_shared<ConfigValue>(*key_text(application.name));
                        name->place = application.document->place;
                        return name;
                      }()});
  return copy;
}

}  // namespace

Examined examine(const std::filesystem::path& file, const TemplateWorld& world) {
  const YamlNode kind = YamlNode(load_config(file), "").map().need("kind");
  Examined examined;
  examined.kind = kind.text();
  if (examined.kind == "job") {
    examined.job = examine_job(file, nullptr);
  } else if (examined.kind == "card" || examined.kind == "application") {
    CompiledTemplate compiled = examine_template(file, world);
    examined.job = std::move(compiled.job);
    examined.notes = std::move(compiled.notes);
  } else {
    kind.fail("a job, a card template or an application template is needed here");
  }
  examined.job.mistakes.throw_if_any();
  return examined;
}

std::size_t choose(const Plan& plan, const CardChoice& choice) {
  const std::string product = choose_product(plan, choice.product);
  const auto risk = plan.risks.find(product);
  if (risk == plan.risks.end()) {
    if (!choice.risk.empty())
      throw Failure(ExitCode::usage, fmt::format("'{}' has no risk profiles", product));
    return plan.products.find(product)->second;
  }
  const auto& profiles = risk->second.cards;
  std::string name = choice.risk.empty() ? risk->second.fallback : choice.risk;
  if (name.empty() && profiles.size() == 1) name = profiles.begin()->first;
  const auto found = profiles.find(name);
  if (found == profiles.end())
    throw Failure(ExitCode::usage, "--risk is needed, one of: " + names_of(profiles));
  return found->second;
}

std::vector<std::size_t> choose_all(const Plan& plan, const CardChoice& choice) {
  const std::string product = choose_product(plan, choice.product);
  const auto risk = plan.risks.find(product);
  if (choice.risk != kAllProfiles || risk == plan.risks.end() ||
      risk->second.cards.contains(choice.risk))
    return {choose(plan, choice)};
  std::vector<std::size_t> cards;
  for (const auto& [name, card] : risk->second.cards) cards.push_back(card);
  return cards;
}

std::string card_name(const CardPlan& card) {
  return card.risk.empty() ? card.product : card.product + ", risk profile " + card.risk;
}

ConfigPtr flattened(const Examined& examined, std::size_t card) {
  const CardDocuments& documents = examined.job.documents.at(card);
  if (examined.kind == "application") {
    auto own = std::make_shared<ConfigValue>(*documents.applications.at(0).document);
    std::erase_if(own->pairs, [](const auto& pair) { return pair.value->origin == kAssumed; });
    return own;
  }
  auto copy = std::make_shared<ConfigValue>(*without(documents.card, {"risk"}));
  for (auto& pair : copy->pairs) {
    if (pair.key->text != "applications") continue;
    auto list = std::make_shared<ConfigValue>(*pair.value);
    list->items.clear();
    for (const auto& application : documents.applications)
      list->items.push_back(written_out(application));
    pair.value = list;
  }
  return copy;
}

}  // namespace kpd
