// RSA pairs of the cards: made by the device, their CRT parts under the transport key at once.
#include <stdexcept>

#include "emvcrypto/rsa.h"
#include "kpd/exit_code.h"
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

/// A pair must work before it goes to a card: its parts belong together and to the modulus, and
/// what they sign is recovered by the public key. Throws Failure when the device made a wrong one.
void require_sound(const hsm::ExposedRsaPair& pair, unsigned exponent, const hsm::Token& token) {
  const emvcrypto::RsaPublicKey key{pair.public_key.modulus, pair.public_key.exponent};
  Bytes block(key.size(), 0x6A);
  block[0] = 0;
  bool sound = emvcrypto::to_number(key.exponent) == exponent;
  try {
    const emvcrypto::RsaPrivateCrt parts{pair.p.duplicate(), pair.q.duplicate(),
                                         pair.dp.duplicate(), pair.dq.duplicate(),
                                         pair.qinv.duplicate()};
    const auto signer = emvcrypto::make_rsa_signer(key, parts);
    sound = sound && emvcrypto::rsa_recover(key, signer->sign_raw({&block, 1}).front()) == block;
  } catch (const std::invalid_argument&) {
    sound = false;
  }
  if (!sound)
    throw Failure(ExitCode::away,
                  "token '" + token.label() +
                      "' made an RSA pair that does not work: do not use this device");
}

}  // namespace

void Prepare::make_rsa_pairs(Chunk& chunk, const ChunkFaults& faults, SecretBatch& out) {
  const auto make = [&](std::size_t card, std::size_t application, const RsaPairPlan& wanted,
                        DgiPlan::Kind kind) {
    windows_.open(Window::icc_keys, 1);
    const hsm::ExposedRsaPair pair = token_->generate_rsa_exposed(wanted.bits, wanted.exponent);
    require_sound(pair, wanted.exponent, *token_);
    for (const DgiPlan& dgi : plan_of(chunk.cards[card], application).dgis)
      if (dgi.kind == kind) out.add(card, application, dgi, part_of(pair, dgi.part).expose());
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
