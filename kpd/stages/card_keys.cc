// Card keys: UDKs derived from the issuer's master keys, many cards a call (EMV 4.4 Book 2, A1.4).
#include <algorithm>

#include "emvcrypto/kcv.h"
#include "kpd/stages/prepare.h"

namespace kpd {
namespace {

constexpr std::size_t kUdkSize = 16;

/// Where one UDK goes: application `application` of card `card`, its key `key`.
struct Place {
  std::size_t card, application, key;
};

/// All UDKs of a chunk that hang on one master key.
struct Derivations {
  std::vector<Place> places;
  hsm::Secret keys;  ///< 16 bytes each: inputs, then the keys
};

}  // namespace

void Prepare::make_card_keys(Chunk& chunk, const ChunkFaults& faults, SecretBatch& out) {
  std::map<std::size_t, Derivations> by_master;
  for (std::size_t i = 0; i < chunk.cards.size(); ++i) {
    if (faults.has(i)) continue;
    const auto& applications = plan_.cards[chunk.cards[i].card()].applications;
    for (std::size_t a = 0; a < applications.size(); ++a)
      for (std::size_t k = 0; k < applications[a].keys.size(); ++k)
        by_master[applications[a].keys[k].master].places.push_back({i, a, k});
  }
  if (by_master.empty()) return;

  // The device enciphers the diversification data of all cards in one call a master key. The UDKs
  // stand in locked memory until they are under the transport key.
  std::map<std::tuple<std::size_t, std::size_t, std::size_t>, ByteView> udks;
  for (auto& [master, derivations] : by_master) {
    windows_.open(Window::card_keys, derivations.places.size());
    derivations.keys = hsm::Secret(kUdkSize * derivations.places.size());
    const auto keys = derivations.keys.expose_mutable();
    for (std::size_t p = 0; p < derivations.places.size(); ++p) {
      const Place& place = derivations.places[p];
      const pb::Card& card = chunk.cards[place.card];
      const Bytes input =
          emvcrypto::udk_input(plan_of(card, place.application).udk_option,
                               field_of(card, plan_.roles.pan), field_of(card, plan_.roles.psn));
      std::copy(input.begin(), input.end(),
                keys.begin() + static_cast<std::ptrdiff_t>(kUdkSize * p));
    }
    token_->encrypt_ecb(keys_[master], keys);
    emvcrypto::set_odd_parity(keys);
    for (std::size_t p = 0; p < derivations.places.size(); ++p) {
      const Place& place = derivations.places[p];
      udks[{place.card, place.application, place.key}] = keys.subspan(kUdkSize * p, kUdkSize);
    }
  }

  for (std::size_t i = 0; i < chunk.cards.size(); ++i) {
    if (faults.has(i)) continue;
    const auto& applications = plan_.cards[chunk.cards[i].card()].applications;
    for (std::size_t a = 0; a < applications.size(); ++a) {
      const ApplicationPlan& application = applications[a];
      Bytes kcvs;
      for (std::size_t k = 0; k < application.keys.size(); ++k) {
        const auto cipher = emvcrypto::make_des(udks.at({i, a, k}));
        emvcrypto::append(kcvs, emvcrypto::des_kcv(*cipher));
      }
      chunk.cards[i].mutable_applications(static_cast<int>(a))->set_kcvs(to_field(kcvs));
      for (const DgiPlan& dgi : application.dgis) {
        if (dgi.kind != DgiPlan::Kind::keys) continue;
        hsm::Secret value(kUdkSize * dgi.keys.size());
        for (std::size_t n = 0; n < dgi.keys.size(); ++n) {
          const ByteView udk = udks.at({i, a, dgi.keys[n]});
          std::copy(udk.begin(), udk.end(),
                    value.expose_mutable().begin() + static_cast<std::ptrdiff_t>(kUdkSize * n));
        }
        out.add(i, a, dgi.id, value.expose(), dgi.pad);
      }
    }
  }
}

}  // namespace kpd
