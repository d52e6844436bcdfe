// Card keys: UDKs derived from the issuer's master keys, many cards a call (EMV 4.4 Book 2, A1.4),
// or keys that the records bring.
#include <algorithm>

#include "emvcrypto/kcv.h"
#include "kpd/keys/given_secrets.h"
#include "kpd/stages/made_keys.h"
#include "kpd/stages/prepare.h"

namespace kpd {
namespace {

constexpr std::size_t kKeySize = 16;
constexpr std::size_t kKcvSize = 3;

/// All keys of a chunk that hang on one master key.
struct Derivations {
  std::vector<KeyPlace> places;
  hsm::Secret keys;  ///< 16 bytes each: inputs, then the keys
};

/// All keys of a chunk that came under one key.
struct Deliveries {
  std::vector<KeyPlace> places;
  std::vector<hsm::Bytes> enciphered;
  std::vector<std::optional<hsm::Bytes>> kcvs;
  std::vector<hsm::Secret> keys;
};

/// A card key as its record brings it; an empty value when it brings none.
struct Delivery {
  hsm::Bytes enciphered;
  std::optional<hsm::Bytes> kcv;
};

emvcrypto::Expected<Delivery> read_delivery(const GivenKeyPlan& plan, const pb::Card& card) {
  const emvcrypto::Expected<std::string> text = expand(plan.secret.text, card);
  if (!text) return tl::unexpected(text.error());
  if (text->empty()) return Delivery{};
  const auto value = emvcrypto::parse_hex(*text);
  if (!value || value->size() != kKeySize)
    return emvcrypto::fault("key-given", "an enciphered key has 32 hexadecimal digits");
  Delivery delivery{*value, std::nullopt};
  if (!plan.kcv) return delivery;
  const emvcrypto::Expected<std::string> kcv = expand(*plan.kcv, card);
  if (!kcv) return tl::unexpected(kcv.error());
  delivery.kcv = emvcrypto::parse_hex(*kcv);
  if (!delivery.kcv || delivery.kcv->size() != kKcvSize)
    return emvcrypto::fault("key-kcv", "a check value of 6 hexadecimal digits belongs to the key");
  return delivery;
}

}  // namespace

/// The card keys of a chunk, in locked memory until they are under the transport key.
struct Prepare::CardKeys {
  std::map<std::size_t, Derivations> derived;                                 ///< by master
  std::map<std::pair<std::size_t, GivenSecret::Mode>, Deliveries> delivered;  ///< by key above
  std::map<KeyPlace, ByteView> keys;
};

/// Keys that pass host memory on their way into a batch of secrets.
class Prepare::HostKeys : public MadeKeys {
 public:
  HostKeys(const CardKeys& all, SecretBatch& out) : all_(all), out_(out) {}

  Bytes kcv(const KeyPlace& at) override {
    return emvcrypto::des_kcv(*emvcrypto::make_des(all_.keys.at(at)));
  }
  emvcrypto::RetailMacKey mac_key(const KeyPlace& at) override {
    return emvcrypto::make_retail_mac_key(all_.keys.at(at));
  }
  void carry(std::size_t card, std::size_t application, const DgiPlan& dgi,
             pb::Application&) override {
    hsm::Secret value(kKeySize * dgi.keys.size());
    for (std::size_t n = 0; n < dgi.keys.size(); ++n)
      std::ranges::copy(all_.keys.at({card, application, dgi.keys[n]}),
                        value.expose_mutable().subspan(kKeySize * n).begin());
    out_.add(card, application, dgi, value.expose());
  }

 private:
  const CardKeys& all_;
  SecretBatch& out_;
};

void Prepare::collect_keys(const Chunk& chunk, ChunkFaults& faults, CardKeys& all) const {
  for (std::size_t i = 0; i < chunk.cards.size(); ++i) {
    const auto& applications = plan_.cards[chunk.cards[i].card()].applications;
    for (std::size_t a = 0; a < applications.size(); ++a)
      for (std::size_t k = 0; k < applications[a].keys.size() && !faults.has(i); ++k) {
        const CardKeyPlan& key = applications[a].keys[k];
        auto delivery = key.given ? read_delivery(*key.given, chunk.cards[i]) : Delivery{};
        if (!delivery) {
          faults.set(i, given_field(key), delivery.error());
        } else if (!delivery->enciphered.empty()) {
          Deliveries& to = all.delivered[{key.given->secret.under, key.given->secret.mode}];
          to.places.push_back({i, a, k});
          to.enciphered.push_back(std::move(delivery->enciphered));
          to.kcvs.push_back(std::move(delivery->kcv));
        } else if (key.derived) {
          all.derived[key.master].places.push_back({i, a, k});
        } else {
          faults.set(i, given_field(key),
                     {"key-given", "the card's key " + key.name + " must come with the record"});
        }
      }
  }
}

std::string Prepare::given_field(const CardKeyPlan& key) const {
  const auto fields = fields_of(key.given->secret.text);
  return fields.empty() || fields.front() >= plan_.fields.size()
             ? key.name
             : plan_.fields[fields.front()].name;
}

/// The device enciphers the diversification data of all cards in one call a master key.
void Prepare::derive_keys(const Chunk& chunk, CardKeys& all) {
  for (auto& [master, derivations] : all.derived) {
    windows_.open(Window::card_keys, derivations.places.size());
    derivations.keys = hsm::Secret(kKeySize * derivations.places.size());
    const auto keys = derivations.keys.expose_mutable();
    for (std::size_t p = 0; p < derivations.places.size(); ++p) {
      const pb::Card& card = chunk.cards[derivations.places[p].card];
      const Bytes input =
          emvcrypto::udk_input(plan_of(card, derivations.places[p].application).udk_option,
                               field_of(card, plan_.roles.pan), field_of(card, plan_.roles.psn));
      std::ranges::copy(input, keys.subspan(kKeySize * p).begin());
    }
    token_->encrypt_ecb(keys_[master], keys);
    emvcrypto::set_odd_parity(keys);
    for (std::size_t p = 0; p < derivations.places.size(); ++p)
      all.keys[derivations.places[p]] = keys.subspan(kKeySize * p, kKeySize);
  }
}

void Prepare::open_given_keys(const Chunk& chunk, ChunkFaults& faults, CardKeys& all) {
  for (auto& [above, deliveries] : all.delivered) {
    windows_.open(Window::card_keys, deliveries.places.size());
    deliveries.keys =
        open_secrets(*token_, keys_[above.first], above.second, deliveries.enciphered);
    for (std::size_t p = 0; p < deliveries.places.size(); ++p) {
      const KeyPlace& place = deliveries.places[p];
      const CardKeyPlan& key = plan_of(chunk.cards[place.card], place.application).keys[place.key];
      if (auto fault =
              check_given_key(deliveries.keys[p], key.given->odd_parity, deliveries.kcvs[p]))
        faults.set(place.card, given_field(key), std::move(*fault));
      all.keys[place] = deliveries.keys[p].expose();
    }
  }
}

void Prepare::make_card_keys(Chunk& chunk, ChunkFaults& faults, SecretBatch& out) {
  CardKeys all;
  collect_keys(chunk, faults, all);
  derive_keys(chunk, all);
  open_given_keys(chunk, faults, all);
  HostKeys made(all, out);
  place_keys(plan_, chunk, faults, made);
}

}  // namespace kpd
