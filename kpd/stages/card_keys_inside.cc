// Card keys that stay inside the device: derived, wrapped under the transport key, checked there.
#include <map>

#include "emvcrypto/cvc3.h"
#include "emvcrypto/derivation.h"
#include "kpd/exit_code.h"
#include "kpd/keys/retail_key.h"
#include "kpd/stages/prepare.h"

namespace kpd {
namespace {

constexpr std::size_t kBlock = 8;

/// Where one key goes: application `application` of card `card`, its key `key`.
struct Place {
  std::size_t card, application, key;
  auto operator<=>(const Place&) const = default;
};

/// All keys of a chunk that hang on one master key.
struct Derivations {
  std::vector<Place> places;
  std::vector<hsm::Bytes> inputs;
};

}  // namespace

void Prepare::add_inside(pb::Application& made, const DgiPlan& dgi, Bytes enciphered,
                         const hsm::Key& transport) {
  if (dgi.pad == PadRule::always) {
    Bytes& padding = padding_[&transport.state()];
    if (padding.empty()) {
      const Bytes clear{0x80, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00};
      padding = token_->wrap_public(transport, clear);
    }
    emvcrypto::append(enciphered, padding);
  }
  if (enciphered.size() % kBlock != 0)
    throw Failure(ExitCode::internal, "a wrapped secret is no whole number of blocks");
  pb::Dgi* out = made.add_secrets();
  out->set_id(dgi.id);
  out->set_value(to_field(enciphered));
}

void Prepare::wrap_card_keys(Chunk& chunk, ChunkFaults& faults) {
  std::map<std::size_t, Derivations> by_master;
  for (std::size_t i = 0; i < chunk.cards.size(); ++i) {
    if (faults.has(i)) continue;
    const pb::Card& card = chunk.cards[i];
    const auto& applications = plan_.cards[card.card()].applications;
    for (std::size_t a = 0; a < applications.size(); ++a)
      for (std::size_t k = 0; k < applications[a].keys.size(); ++k) {
        Derivations& all = by_master[applications[a].keys[k].master];
        all.places.push_back({i, a, k});
        all.inputs.push_back(emvcrypto::udk_input(applications[a].udk_option,
                                                  field_of(card, plan_.roles.pan),
                                                  field_of(card, plan_.roles.psn)));
      }
  }
  std::map<Place, hsm::InsideKey> keys;
  std::map<Place, hsm::Bytes> inputs;  // of keys that more is made of
  for (auto& [master, all] : by_master) {
    auto wrapped = token_->derive_wrapped(keys_[master], all.inputs, transport_.card_keys);
    for (std::size_t n = 0; n < wrapped.size(); ++n) {
      keys.emplace(all.places[n], std::move(wrapped[n]));
      inputs.emplace(all.places[n], std::move(all.inputs[n]));
    }
  }
  for (std::size_t i = 0; i < chunk.cards.size(); ++i) {
    if (faults.has(i)) continue;
    const auto& applications = plan_.cards[chunk.cards[i].card()].applications;
    for (std::size_t a = 0; a < applications.size(); ++a) {
      const ApplicationPlan& application = applications[a];
      pb::Application& made = *chunk.cards[i].mutable_applications(static_cast<int>(a));
      Bytes kcvs;
      for (std::size_t k = 0; k < application.keys.size(); ++k)
        emvcrypto::append(kcvs, keys.at({i, a, k}).kcv);
      made.set_kcvs(to_field(kcvs));
      for (std::size_t e = 0; e < application.elements.size(); ++e)
        if (const auto& rule = application.elements[e].ivcvc3)
          made.set_elements(
              static_cast<int>(e),
              to_field(emvcrypto::ivcvc3(
                  derived_retail_key(token_, keys_[application.keys[rule->key].master],
                                     inputs.at({i, a, rule->key})),
                  view_of(made.elements(static_cast<int>(rule->over))))));
      for (const DgiPlan& dgi : application.dgis) {
        if (dgi.kind != DgiPlan::Kind::keys) continue;
        Bytes enciphered;
        for (const std::size_t key : dgi.keys)
          emvcrypto::append(enciphered, keys.at({i, a, key}).wrapped);
        add_inside(made, dgi, std::move(enciphered), transport_.card_keys);
      }
    }
  }
}

}  // namespace kpd
