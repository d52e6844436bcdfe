#include <stdexcept>

#include "emvcrypto/cvv.h"
#include "emvcrypto/tracks.h"
#include "kpd/stages/elements.h"
#include "kpd/stages/prepare.h"

namespace kpd {
namespace {

/// One verification value to compute, with its texts.
struct Wanted {
  std::size_t card, value;
  std::string pan, expiry, service_code;
};

bool is_cvv_input(const Wanted& wanted) {
  const auto digits = [](const std::string& text, std::size_t low, std::size_t high) {
    return text.size() >= low && text.size() <= high &&
           text.find_first_not_of("0123456789") == std::string::npos;
  };
  return digits(wanted.pan, 12, 19) && digits(wanted.expiry, 4, 4) &&
         digits(wanted.service_code, 3, 3);
}

/// The texts of a value's inputs; nothing when one of them cannot be made, which `faults` then has.
std::optional<Wanted> expand_inputs(const ValuePlan& value, std::size_t index, std::size_t i,
                                    const pb::Card& card, ChunkFaults& faults) {
  Wanted wanted{i, index, {}, {}, {}};
  for (const auto& [text, place] :
       {std::pair(&value.pan, &wanted.pan), std::pair(&value.expiry, &wanted.expiry),
        std::pair(&value.service_code, &wanted.service_code)}) {
    auto expanded = expand(*text, card);
    if (!expanded) {
      faults.set(i, value.name, expanded.error());
      return std::nullopt;
    }
    *place = std::move(*expanded);
  }
  return wanted;
}

/// The field of an encoder, embosser or printer. Throws std::invalid_argument when a track cannot
/// hold it.
emvcrypto::Expected<std::string> module_text(const ModulePlan& module, const pb::Card& card,
                                             const Plan& plan) {
  auto text = expand(module.text, card);
  if (!text || module.kind == ModulePlan::Kind::text) return text;
  const auto optional = [&](const std::optional<FieldId>& id) {
    return id ? field_of(card, *id) : std::string_view();
  };
  const emvcrypto::TrackData data{field_of(card, plan.roles.pan), optional(plan.roles.name),
                                  field_of(card, plan.roles.expiry),
                                  optional(plan.roles.service_code), *text};
  return module.kind == ModulePlan::Kind::track1 ? emvcrypto::track1(data)
                                                 : emvcrypto::track2(data);
}

}  // namespace

void Prepare::make_modules(Chunk& chunk, ChunkFaults& faults) {
  for (std::size_t i = 0; i < chunk.cards.size(); ++i) {
    pb::Card& card = chunk.cards[i];
    for (const ModulePlan& module : plan_.cards[card.card()].modules) {
      try {
        auto text = module_text(module, card, plan_);
        if (!text)
          faults.set(i, "", {text.error().code, module.mic + ": " + text.error().reason});
        else
          card.add_modules(std::move(*text));
      } catch (const std::invalid_argument& wrong) {
        faults.set(i, "", {"module", module.mic + ": " + wrong.what()});
      }
    }
  }
}

void Prepare::make_values(Chunk& chunk, ChunkFaults& faults) {
  std::map<std::pair<std::size_t, std::size_t>, std::vector<Wanted>> by_key;
  for (std::size_t i = 0; i < chunk.cards.size(); ++i) {
    pb::Card& card = chunk.cards[i];
    const auto& values = plan_.cards[card.card()].values;
    for (std::size_t v = 0; v < values.size(); ++v) {
      auto wanted = expand_inputs(values[v], v, i, card, faults);
      card.add_fields();
      if (!wanted) continue;
      if (is_cvv_input(*wanted))
        by_key[{values[v].key_left, values[v].key}].push_back(std::move(*wanted));
      else
        faults.set(i, values[v].name, {"value", "PAN, expiry or service code are not digits"});
    }
  }
  for (auto& [key, list] : by_key) {
    std::vector<emvcrypto::CvvInput> inputs;
    for (const Wanted& wanted : list)
      inputs.push_back({wanted.pan, wanted.expiry, wanted.service_code});
    const auto results = emvcrypto::card_verification_values(cvks_.at(key), inputs);
    for (std::size_t i = 0; i < list.size(); ++i)
      chunk.cards[list[i].card].set_fields(static_cast<int>(plan_.fields.size() + list[i].value),
                                           results[i]);
  }
}

void Prepare::make_elements(Chunk& chunk, ChunkFaults& faults) {
  for (std::size_t i = 0; i < chunk.cards.size(); ++i) {
    pb::Card& card = chunk.cards[i];
    const auto& applications = plan_.cards[card.card()].applications;
    for (std::size_t a = 0; a < applications.size(); ++a) {
      pb::Application* made = card.mutable_applications(static_cast<int>(a));
      for (std::size_t e = 0; e < applications[a].elements.size(); ++e) {
        const ElementPlan& element = applications[a].elements[e];
        if (element.made_by_signing != Signed::none) continue;
        auto value = make_element(element, card, plan_);
        if (value)
          made->set_elements(static_cast<int>(e), to_field(*value));
        else
          faults.set(i, "", value.error());
      }
    }
  }
}

}  // namespace kpd
