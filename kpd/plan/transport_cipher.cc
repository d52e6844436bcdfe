#include "kpd/plan/transport_cipher.h"

#include <fmt/format.h>

#include <array>

namespace kpd {
namespace {

/// Why a DGI of card keys is no whole number of AES blocks, each a double-length key; empty when it
/// is.
std::string obstacle(const Plan& plan, const DgiPlan& dgi) {
  if (dgi.kind == DgiPlan::Kind::given_secret) return "holds what comes ready made, of any length";
  if (dgi.pad == PadRule::always) return "is padded to blocks of 8 bytes (pad: always)";
  if (plan.output.cmode_of(dgi) != cps::Cmode::ecb) return "is under CBC";
  return {};
}

}  // namespace

TransportCipher read_transport_cipher(const Plan& plan, const YamlNode& node) {
  const auto cipher =
      std::array{TransportCipher::des, TransportCipher::aes}[node.choice({"3des", "aes"})];
  if (cipher == TransportCipher::des) return cipher;
  for (const CardPlan& card : plan.cards)
    for (const ApplicationPlan& application : card.applications)
      for (const DgiPlan& dgi : application.dgis) {
        if (dgi.use() != SecretUse::card_keys) continue;
        if (const std::string reason = obstacle(plan, dgi); !reason.empty())
          node.fail(fmt::format("card keys cannot travel under AES: DGI {} of {} in product {} {}",
                                cps::dgi_name(dgi.id), application.label, card.product, reason),
                    "take 3des, or change the DGI");
      }
  return cipher;
}

}  // namespace kpd
