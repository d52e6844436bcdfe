#include "kpd/stages/prepare.h"

#include "kpd/exit_code.h"
#include "kpd/keys/hsm_cipher.h"

namespace kpd {
namespace {

constexpr std::string_view kKek1Role = "KEK1";

}  // namespace

Prepare::Prepare(const Plan& plan, std::shared_ptr<hsm::Token> token, HostWindows& windows)
    : plan_(plan), token_(std::move(token)), windows_(windows) {
  refuse_unless_allowed();
  for (const KeyPlan& key : plan_.keys) keys_.push_back(token_->find(key.uri));
  if (plan_.roles.pin_block) kek1_ = keys_[plan_.key(kKek1Role)];
  for (const CardPlan& card : plan_.cards)
    for (const ValuePlan& value : card.values)
      if (!cvks_.contains({value.key_left, value.key}))
        cvks_.emplace(
            std::pair{value.key_left, value.key},
            emvcrypto::RetailMacKey{std::make_unique<HsmCipher>(token_, keys_[value.key_left]),
                                    std::make_unique<HsmCipher>(token_, keys_[value.key])});
  transport_ = make_transport_keys(plan_, *token_);
}

/// A job that refuses a window that it needs must stop before its first card.
void Prepare::refuse_unless_allowed() const {
  HostWindows probe(plan_.windows);
  if (plan_.output.record_mac) probe.open(Window::record_mac, 1);
  for (const CardPlan& card : plan_.cards)
    for (const ApplicationPlan& application : card.applications) {
      if (!application.keys.empty()) probe.open(Window::card_keys, 1);
      if (application.pin) probe.open(Window::pins, 1);
      if (application.icc_key || application.pin_key) probe.open(Window::icc_keys, 1);
    }
}

void Prepare::run(Chunk& chunk) {
  ChunkFaults faults(chunk);
  for (pb::Card& card : chunk.cards)
    for (const ApplicationPlan& application : plan_.cards[card.card()].applications)
      for (pb::Application* made = card.add_applications();
           made->elements_size() < static_cast<int>(application.elements.size());)
        made->add_elements();

  make_values(chunk, faults);
  make_elements(chunk, faults);
  make_modules(chunk, faults);
  SecretBatch under_key_tk, under_icc_tk, under_pin_tk;
  make_pins(chunk, faults, under_pin_tk);
  make_card_keys(chunk, faults, under_key_tk);
  make_rsa_pairs(chunk, faults, under_icc_tk);
  under_key_tk.finish(*token_, transport_.card_keys, chunk);
  under_icc_tk.finish(*token_, transport_.icc_keys, chunk);
  under_pin_tk.finish(*token_, transport_.pin, chunk);

  // The PIN block under KEK1 has done its service.
  if (plan_.roles.pin_block)
    for (pb::Card& card : chunk.cards)
      card.mutable_fields(static_cast<int>(*plan_.roles.pin_block))->clear();
  faults.apply(chunk, plan_, "prepare");
}

}  // namespace kpd
