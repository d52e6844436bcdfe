// Secret DGIs that the back office made: from its key to the transport key.
#include "kpd/keys/given_secrets.h"

#include <map>

#include "kpd/stages/prepare.h"

namespace kpd {
namespace {

/// Where one secret goes.
struct Place {
  std::size_t card, application;
  const DgiPlan* dgi;
};

/// All secrets of a chunk that came under one key.
struct Deliveries {
  std::vector<Place> places;
  std::vector<hsm::Bytes> enciphered;
};

emvcrypto::Fault fault_of(const DgiPlan& dgi, const std::string& reason) {
  return {"dgi-given", "DGI " + cps::dgi_name(dgi.id) + ": " + reason};
}

Window window_of(SecretUse use) {
  switch (use) {
    case SecretUse::card_keys:
      return Window::card_keys;
    case SecretUse::icc_keys:
      return Window::icc_keys;
    case SecretUse::pin:
      break;
  }
  return Window::pins;
}

/// Whole blocks of the cipher that they are under.
emvcrypto::Expected<Bytes> read_secret(const DgiPlan& dgi, const pb::Card& card,
                                       std::size_t block) {
  const emvcrypto::Expected<std::string> text = expand(dgi.given.text, card);
  if (!text) return tl::unexpected(text.error());
  auto value = emvcrypto::parse_hex(*text);
  if (!value) return tl::unexpected(fault_of(dgi, "what came is not hexadecimal"));
  if (value->empty() || value->size() % block != 0)
    return tl::unexpected(fault_of(dgi, "what came is no whole number of blocks"));
  return std::move(*value);
}

}  // namespace

void Prepare::take_given_secrets(const Chunk& chunk, ChunkFaults& faults, SecretBatches& out) {
  std::map<std::pair<std::size_t, GivenSecret::Mode>, Deliveries> delivered;
  for (std::size_t i = 0; i < chunk.cards.size(); ++i) {
    const auto& applications = plan_.cards[chunk.cards[i].card()].applications;
    for (std::size_t a = 0; a < applications.size(); ++a)
      for (const DgiPlan& dgi : applications[a].dgis) {
        if (dgi.kind != DgiPlan::Kind::given_secret || faults.has(i)) continue;
        const std::size_t under = dgi.given.under;
        const std::size_t block = keys_[under].type() == hsm::KeyType::aes ? 16 : 8;
        auto value = read_secret(dgi, chunk.cards[i], block);
        if (!value) {
          faults.set(i, "", value.error());
          continue;
        }
        Deliveries& to = delivered[{under, dgi.given.mode}];
        to.places.push_back({i, a, &dgi});
        to.enciphered.push_back(std::move(*value));
      }
  }
  for (const auto& [above, deliveries] : delivered) {
    for (const Place& place : deliveries.places) windows_.open(window_of(place.dgi->given_use), 1);
    const auto opened =
        open_secrets(*token_, keys_[above.first], above.second, deliveries.enciphered);
    for (std::size_t n = 0; n < opened.size(); ++n) {
      const auto& [card, application, dgi] = deliveries.places[n];
      const auto bare = dgi->given_padded ? without_padding(opened[n]) : opened[n].duplicate();
      if (!bare || bare->empty())
        faults.set(card, "", fault_of(*dgi, "it ends with no padding: it is under another key"));
      else if (dgi->pad == PadRule::never && bare->size() % 8 != 0)
        faults.set(card, "", fault_of(*dgi, "it is no whole number of blocks without its padding"));
      else
        out.of(dgi->given_use).add(card, application, *dgi, bare->expose());
    }
  }
}

}  // namespace kpd
