// Card keys that stay inside the device: derived, wrapped under the transport key, checked there.
#include <map>

#include "emvcrypto/derivation.h"
#include "kpd/exit_code.h"
#include "kpd/keys/retail_key.h"
#include "kpd/stages/made_keys.h"
#include "kpd/stages/prepare.h"

namespace kpd {
namespace {

constexpr std::size_t kBlock = 8;

/// All keys of a chunk that hang on one master key.
struct Derivations {
  std::vector<KeyPlace> places;
  std::vector<hsm::Bytes> inputs;
};

}  // namespace

/// Keys that nobody outside the device has seen.
class Prepare::InsideKeys : public MadeKeys {
 public:
  explicit InsideKeys(Prepare& in) : prepare_(in) {}

  void add(const KeyPlace& at, hsm::InsideKey key, std::size_t master, hsm::Bytes input) {
    keys_.emplace(at, Made{std::move(key), master, std::move(input)});
  }
  Bytes kcv(const KeyPlace& at) override { return keys_.at(at).key.kcv; }
  emvcrypto::RetailMacKey mac_key(const KeyPlace& at) override {
    const Made& made = keys_.at(at);
    return derived_retail_key(prepare_.token_, prepare_.keys_[made.master], made.input);
  }
  void carry(std::size_t card, std::size_t application, const DgiPlan& dgi,
             pb::Application& made) override {
    Bytes enciphered;
    for (const std::size_t key : dgi.keys)
      emvcrypto::append(enciphered, keys_.at({card, application, key}).key.wrapped);
    prepare_.add_inside(made, dgi, std::move(enciphered), prepare_.transport_.card_keys);
  }

 private:
  struct Made {
    hsm::InsideKey key;
    std::size_t master;
    hsm::Bytes input;  ///< what the master key enciphered
  };
  Prepare& prepare_;
  std::map<KeyPlace, Made> keys_;
};

void Prepare::add_inside(pb::Application& made, const DgiPlan& dgi, Bytes enciphered,
                         const hsm::Key& transport) {
  if (dgi.pad == PadRule::always) {
    const std::lock_guard lock(padding_mutex_);
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
  InsideKeys keys(*this);
  for (auto& [master, all] : by_master) {
    auto wrapped = token_->derive_wrapped(keys_[master], all.inputs, transport_.card_keys);
    for (std::size_t n = 0; n < wrapped.size(); ++n)
      keys.add(all.places[n], std::move(wrapped[n]), master, std::move(all.inputs[n]));
  }
  place_keys(plan_, chunk, faults, keys);
}

}  // namespace kpd
