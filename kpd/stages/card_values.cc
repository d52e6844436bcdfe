#include "kpd/stages/card_values.h"

#include <algorithm>

#include "emvcrypto/cvv.h"
#include "emvcrypto/ibm3624.h"
#include "emvcrypto/pvv.h"
#include "kpd/keys/hsm_cipher.h"

namespace kpd {
namespace {

bool is_digits(std::string_view text, std::size_t low, std::size_t high) {
  return text.size() >= low && text.size() <= high &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

/// The texts of a card verification value.
struct CvvTexts {
  std::string pan, expiry, service_code;
};

emvcrypto::Expected<CvvTexts> cvv_texts(const ValuePlan& plan, const pb::Card& card) {
  CvvTexts texts;
  for (const auto& [from, to] : {std::pair{&plan.pan, &texts.pan},
                                 {&plan.expiry, &texts.expiry},
                                 {&plan.service_code, &texts.service_code}}) {
    emvcrypto::Expected<std::string> text = expand(*from, card);
    if (!text) return tl::unexpected(text.error());
    *to = std::move(*text);
  }
  if (!is_digits(texts.pan, 12, 19) || !is_digits(texts.expiry, 4, 4) ||
      !is_digits(texts.service_code, 3, 3))
    return emvcrypto::fault("value", "PAN, expiry or service code are not digits");
  return texts;
}

emvcrypto::Expected<std::string> pvv_pan(const ValuePlan& plan, const pb::Card& card) {
  emvcrypto::Expected<std::string> pan = expand(plan.pan, card);
  if (pan && !is_digits(*pan, 12, 19)) return emvcrypto::fault("value", "the PAN is not digits");
  return pan;
}

}  // namespace

CardValues::CardValues(const Plan& plan, std::shared_ptr<hsm::Token> token,
                       const std::vector<hsm::Key>& keys)
    : plan_(plan), token_(std::move(token)), keys_(keys) {
  for (const CardPlan& card : plan_.cards)
    for (const ValuePlan& value : card.values)
      if (value.kind == ValuePlan::Kind::cvv && !cvks_.contains({value.key_left, value.key}))
        cvks_.emplace(
            std::pair{value.key_left, value.key},
            emvcrypto::RetailMacKey{std::make_unique<HsmCipher>(token_, keys_[value.key_left]),
                                    std::make_unique<HsmCipher>(token_, keys_[value.key])});
}

void CardValues::make(Chunk& chunk, const ChunkPins& pins, ChunkFaults& faults) {
  std::size_t most = 0;
  for (const CardPlan& card : plan_.cards) most = std::max(most, card.values.size());
  for (std::size_t v = 0; v < most; ++v) {
    std::map<GroupKey, Group> groups;
    for (std::size_t i = 0; i < chunk.cards.size(); ++i) {
      const auto& values = plan_.cards[chunk.cards[i].card()].values;
      if (v >= values.size()) continue;
      chunk.cards[i].add_fields();
      const ValuePlan& value = values[v];
      if (!faults.has(i))
        groups[{value.kind, value.key_left, value.key, value.ibm3624.decimalisation,
                value.ibm3624.length}]
            .push_back({i, &value, {}});
    }
    for (auto& [shared, group] : groups) {
      compute(group, chunk, pins, faults);
      for (const Wanted& wanted : group)
        chunk.cards[wanted.card].set_fields(static_cast<int>(plan_.fields.size() + v),
                                            wanted.result);
    }
  }
}

void CardValues::compute(Group& group, const Chunk& chunk, const ChunkPins& pins,
                         ChunkFaults& faults) {
  switch (group.front().plan->kind) {
    case ValuePlan::Kind::cvv:
      return cvvs(group, chunk, faults);
    case ValuePlan::Kind::pvv:
      return pvvs(group, chunk, pins, faults);
    case ValuePlan::Kind::offset:
      return offsets(group, chunk, pins, faults);
  }
}

void CardValues::cvvs(Group& group, const Chunk& chunk, ChunkFaults& faults) {
  std::vector<CvvTexts> texts;
  std::vector<Wanted*> good;
  for (Wanted& wanted : group) {
    auto found = cvv_texts(*wanted.plan, chunk.cards[wanted.card]);
    if (!found) {
      faults.set(wanted.card, wanted.plan->name, found.error());
      continue;
    }
    texts.push_back(std::move(*found));
    good.push_back(&wanted);
  }
  std::vector<emvcrypto::CvvInput> inputs;
  for (const CvvTexts& one : texts) inputs.push_back({one.pan, one.expiry, one.service_code});
  const ValuePlan& plan = *group.front().plan;
  const auto results =
      emvcrypto::card_verification_values(cvks_.at({plan.key_left, plan.key}), inputs);
  for (std::size_t n = 0; n < good.size(); ++n) good[n]->result = results[n];
}

void CardValues::pvvs(Group& group, const Chunk& chunk, const ChunkPins& pins,
                      ChunkFaults& faults) {
  std::vector<std::string> pans;
  std::vector<Wanted*> good;
  for (Wanted& wanted : group) {
    auto pan = pvv_pan(*wanted.plan, chunk.cards[wanted.card]);
    if (!pan) {
      faults.set(wanted.card, wanted.plan->name, pan.error());
      continue;
    }
    pans.push_back(std::move(*pan));
    good.push_back(&wanted);
  }
  std::vector<emvcrypto::PvvInput> inputs;
  for (std::size_t n = 0; n < good.size(); ++n)
    inputs.push_back({pans[n], good[n]->plan->key_index, &pins[good[n]->card]});
  HsmCipher pvk(token_, keys_[group.front().plan->key]);
  const auto results = emvcrypto::pin_verification_values(pvk, inputs);
  for (std::size_t n = 0; n < good.size(); ++n) good[n]->result = results[n];
}

void CardValues::offsets(Group& group, const Chunk& chunk, const ChunkPins& pins,
                         ChunkFaults& faults) {
  const Ibm3624Plan& rule = group.front().plan->ibm3624;
  std::vector<std::string> validation;
  std::vector<Wanted*> good;
  for (Wanted& wanted : group) {
    auto data = validation_data(wanted.plan->ibm3624, chunk.cards[wanted.card]);
    if (!data) {
      faults.set(wanted.card, wanted.plan->name, data.error());
    } else if (pins[wanted.card].size() != rule.length) {
      faults.set(wanted.card, wanted.plan->name,
                 {"pin-length", "the PIN has another length than its offset"});
    } else {
      validation.push_back(std::move(*data));
      good.push_back(&wanted);
    }
  }
  HsmCipher pvk(token_, keys_[group.front().plan->key]);
  const auto natural = emvcrypto::natural_pins(pvk, validation, rule.decimalisation, rule.length);
  for (std::size_t n = 0; n < good.size(); ++n)
    good[n]->result = emvcrypto::pin_offset(pins[good[n]->card], natural[n]);
}

}  // namespace kpd
