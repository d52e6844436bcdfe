#include "kpd/stages/prepare.h"

#include "kpd/pool/icc_key_sources.h"

namespace kpd {
namespace {

std::vector<hsm::Key> find_keys(const Plan& plan, hsm::Token& token) {
  std::vector<hsm::Key> keys;
  for (const KeyPlan& key : plan.keys) keys.push_back(token.find(key.uri));
  return keys;
}

/// What brought the PIN has done its service.
void drop_pin_fields(const Plan& plan, Chunk& chunk) {
  for (FieldId id = 0; id < plan.fields.size(); ++id) {
    if (!plan.brings_pins(id)) continue;
    for (pb::Card& card : chunk.cards) card.mutable_fields(static_cast<int>(id))->clear();
  }
}

}  // namespace

Prepare::Prepare(const Plan& plan, std::shared_ptr<hsm::Token> token, HostWindows& windows,
                 std::unique_ptr<IccKeys> icc_keys)
    : plan_(plan),
      token_(std::move(token)),
      windows_(windows),
      keys_(find_keys(plan_, *token_)),
      routes_(plan_, *token_, keys_),
      icc_keys_(icc_keys ? std::move(icc_keys) : open_icc_keys(plan_, token_, {})),
      pins_(plan_, token_, keys_, windows_),
      values_(plan_, token_, keys_) {
  routes_.require(plan_.windows);  // before the first card
  transport_ = make_transport_keys(
      plan_, *token_, {routes_.inside(Window::card_keys), routes_.inside(Window::pins)});
}

void Prepare::run(Chunk& chunk) {
  ChunkFaults faults(chunk);
  for (pb::Card& card : chunk.cards)
    for (const ApplicationPlan& application : plan_.cards[card.card()].applications)
      for (pb::Application* made = card.add_applications();
           made->elements_size() < static_cast<int>(application.elements.size());)
        made->add_elements();

  // Values may hang on the PIN, elements and modules on values, what is given on elements.
  const bool pins_inside = routes_.inside(Window::pins);
  ChunkPins pins = pins_inside ? ChunkPins(chunk.cards.size()) : pins_.make(chunk, faults);
  values_.make(chunk, pins, faults);
  make_elements(chunk, faults);
  make_modules(chunk, faults);
  take_given_dgis(chunk, faults);
  if (pins_inside)
    pass_pins(chunk, faults);
  else
    make_mailers(chunk, pins, faults);

  SecretBatches secrets(plan_.output);
  take_given_secrets(chunk, faults, secrets);
  if (routes_.inside(Window::card_keys))
    wrap_card_keys(chunk, faults);
  else
    make_card_keys(chunk, faults, secrets.card_keys);
  place_pins(chunk, pins, faults, secrets.pin);
  secrets.card_keys.finish(*token_, transport_.card_keys, chunk);
  secrets.icc_keys.finish(*token_, transport_.icc_keys, chunk);
  secrets.pin.finish(*token_, transport_.pin, chunk);
  pins.clear();  // RSA pairs take long: nothing else is in clear while they are made
  make_rsa_pairs(chunk, faults, secrets.icc_keys);

  drop_pin_fields(plan_, chunk);
  faults.apply(chunk, plan_, "prepare");
}

}  // namespace kpd
