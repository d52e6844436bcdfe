// RSA pairs of the cards: made by the device, their CRT parts under the transport key at once.
#include <array>

#include "kpd/stages/prepare.h"

namespace kpd {
namespace {

const hsm::Secret& part_of(const hsm::ExposedRsaPair& pair, RsaPart part) {
  switch (part) {
    case RsaPart::qinv:
      return pair.qinv;
    case RsaPart::dq:
      return pair.dq;
    case RsaPart::dp:
      return pair.dp;
    case RsaPart::q:
      return pair.q;
    case RsaPart::p:
      break;
  }
  return pair.p;
}

}  // namespace

void Prepare::make_rsa_pairs(Chunk& chunk, const ChunkFaults& faults, SecretBatch& out) {
  const auto make = [&](std::size_t card, std::size_t application, const RsaPairPlan& wanted,
                        DgiPlan::Kind kind) {
    windows_.open(Window::icc_keys, 1);
    const hsm::ExposedRsaPair pair = token_->generate_rsa_exposed(wanted.bits, wanted.exponent);
    for (const DgiPlan& dgi : plan_of(chunk.cards[card], application).dgis)
      if (dgi.kind == kind)
        out.add(card, application, dgi.id, part_of(pair, dgi.part).expose(), dgi.pad);
    return to_field(pair.public_key.modulus);
  };
  for (std::size_t i = 0; i < chunk.cards.size(); ++i) {
    if (faults.has(i)) continue;
    const auto& applications = plan_.cards[chunk.cards[i].card()].applications;
    for (std::size_t a = 0; a < applications.size(); ++a) {
      pb::Application* made = chunk.cards[i].mutable_applications(static_cast<int>(a));
      if (applications[a].icc_key)
        made->set_icc_modulus(make(i, a, *applications[a].icc_key, DgiPlan::Kind::icc_part));
      if (applications[a].pin_key)
        made->set_pin_modulus(make(i, a, *applications[a].pin_key, DgiPlan::Kind::pin_key_part));
    }
  }
}

}  // namespace kpd
