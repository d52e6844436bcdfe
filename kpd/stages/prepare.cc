#include "kpd/stages/prepare.h"

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

Prepare::Prepare(const Plan& plan, std::shared_ptr<hsm::Token> token, HostWindows& windows)
    : plan_(plan),
      token_(std::move(token)),
      windows_(windows),
      keys_(find_keys(plan_, *token_)),
      pins_(plan_, token_, keys_, windows_),
      values_(plan_, token_, keys_) {
  refuse_unless_allowed();
  transport_ = make_transport_keys(plan_, *token_);
}

/// A job that refuses a window that it needs must stop before its first card.
void Prepare::refuse_unless_allowed() const {
  HostWindows probe(plan_.windows);
  const auto open = [&](SecretUse use) {
    probe.open(use == SecretUse::card_keys  ? Window::card_keys
               : use == SecretUse::icc_keys ? Window::icc_keys
                                            : Window::pins,
               1);
  };
  if (plan_.output.record_mac) probe.open(Window::record_mac, 1);
  for (const CardPlan& card : plan_.cards) {
    if (card.needs_pin()) open(SecretUse::pin);
    for (const ApplicationPlan& application : card.applications) {
      if (!application.keys.empty()) open(SecretUse::card_keys);
      if (application.icc_key || application.pin_key) open(SecretUse::icc_keys);
      for (const DgiPlan& dgi : application.dgis)
        if (const auto use = dgi.use()) open(*use);
    }
  }
}

void Prepare::run(Chunk& chunk) {
  ChunkFaults faults(chunk);
  for (pb::Card& card : chunk.cards)
    for (const ApplicationPlan& application : plan_.cards[card.card()].applications)
      for (pb::Application* made = card.add_applications();
           made->elements_size() < static_cast<int>(application.elements.size());)
        made->add_elements();

  // Values may hang on the PIN, elements and modules on values, what is given on elements.
  ChunkPins pins = pins_.make(chunk, faults);
  values_.make(chunk, pins, faults);
  make_elements(chunk, faults);
  make_modules(chunk, faults);
  take_given_dgis(chunk, faults);
  make_mailers(chunk, pins, faults);

  SecretBatches secrets(plan_.output);
  take_given_secrets(chunk, faults, secrets);
  make_card_keys(chunk, faults, secrets.card_keys);
  place_pins(chunk, pins, faults, secrets.pin);
  secrets.card_keys.finish(*token_, transport_.card_keys, chunk);
  secrets.icc_keys.finish(*token_, transport_.icc_keys, chunk);
  secrets.pin.finish(*token_, transport_.pin, chunk);
  pins.clear();  // RSA pairs take long: nothing else is in clear while they are made
  make_rsa_pairs(chunk, faults, secrets.icc_keys);
  secrets.icc_keys.finish(*token_, transport_.icc_keys, chunk);

  drop_pin_fields(plan_, chunk);
  faults.apply(chunk, plan_, "prepare");
}

}  // namespace kpd
