// RSA pairs of the cards: taken from the job's source, their CRT parts under the transport key at
// once.
#include <algorithm>
#include <tuple>

#include "kpd/stages/prepare.h"

namespace kpd {
namespace {

/// Clear pairs that are in memory at a time.
constexpr std::size_t kInHand = 64;

const hsm::Secret& part_of(const emvcrypto::RsaPrivateCrt& crt, RsaPart part) {
  switch (part) {
    case RsaPart::qinv:
      return crt.qinv;
    case RsaPart::dq:
      return crt.dq;
    case RsaPart::dp:
      return crt.dp;
    case RsaPart::q:
      return crt.q;
    case RsaPart::p:
      break;
  }
  return crt.p;
}

}  // namespace

/// One pair that a card needs.
struct Prepare::WantedPair {
  std::size_t card, application;
  bool for_pin;
};

void Prepare::place_pair(Chunk& chunk, const WantedPair& to, const emvcrypto::RsaKeyPair& pair,
                         SecretBatch& out) const {
  const DgiPlan::Kind kind = to.for_pin ? DgiPlan::Kind::pin_key_part : DgiPlan::Kind::icc_part;
  for (const DgiPlan& dgi : plan_of(chunk.cards[to.card], to.application).dgis)
    if (dgi.kind == kind)
      out.add(to.card, to.application, dgi, part_of(pair.crt, dgi.part).expose());
  pb::Application& made =
      *chunk.cards[to.card].mutable_applications(static_cast<int>(to.application));
  (to.for_pin ? made.mutable_pin_modulus() : made.mutable_icc_modulus())
      ->assign(emvcrypto::as_text(pair.public_key.modulus));
}

void Prepare::make_rsa_pairs(Chunk& chunk, const ChunkFaults& faults, SecretBatch& out) {
  std::map<std::tuple<std::size_t, unsigned, bool>, std::vector<WantedPair>> by_shape;
  const auto want = [&](const std::optional<RsaPairPlan>& pair, WantedPair place) {
    if (pair) by_shape[{pair->bits, pair->exponent, pair->full_parts}].push_back(place);
  };
  for (std::size_t i = 0; i < chunk.cards.size(); ++i) {
    if (faults.has(i)) continue;
    const auto& applications = plan_.cards[chunk.cards[i].card()].applications;
    for (std::size_t a = 0; a < applications.size(); ++a) {
      want(applications[a].icc_key, {i, a, false});
      want(applications[a].pin_key, {i, a, true});
    }
  }
  for (const auto& [form, places] : by_shape) {
    const auto& [bits, exponent, full_parts] = form;
    const emvcrypto::RsaShape shape = shape_of({bits, exponent, full_parts});
    for (std::size_t at = 0; at < places.size(); at += kInHand) {
      const std::size_t count = std::min(kInHand, places.size() - at);
      windows_.open(Window::icc_keys, count);
      const auto pairs = icc_keys_->take(shape, count);
      for (std::size_t n = 0; n < count; ++n) place_pair(chunk, places[at + n], pairs[n], out);
      out.finish(*token_, transport_.icc_keys, chunk);
    }
  }
}

}  // namespace kpd
