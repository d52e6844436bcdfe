#include <stdexcept>

#include "emvcrypto/tracks.h"
#include "kpd/stages/elements.h"
#include "kpd/stages/prepare.h"

namespace kpd {
namespace {

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

void Prepare::make_elements(Chunk& chunk, ChunkFaults& faults) {
  for (std::size_t i = 0; i < chunk.cards.size(); ++i) {
    pb::Card& card = chunk.cards[i];
    const auto& applications = plan_.cards[card.card()].applications;
    for (std::size_t a = 0; a < applications.size(); ++a) {
      pb::Application* made = card.mutable_applications(static_cast<int>(a));
      for (std::size_t e = 0; e < applications[a].elements.size(); ++e) {
        const ElementPlan& element = applications[a].elements[e];
        if (element.made_by_signing != Signed::none || element.ivcvc3) continue;
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
