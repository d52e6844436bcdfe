// PIN blocks: from KEK1 and the back office's format to the PIN transport key and the card's
// format.
#include <algorithm>

#include "emvcrypto/pinblock.h"
#include "kpd/stages/prepare.h"

namespace kpd {
namespace {

constexpr std::size_t kPinBlock = 8;

}  // namespace

void Prepare::make_pins(Chunk& chunk, ChunkFaults& faults, SecretBatch& out) {
  std::vector<std::size_t> cards;
  for (std::size_t i = 0; i < chunk.cards.size(); ++i) {
    const auto& applications = plan_.cards[chunk.cards[i].card()].applications;
    const bool wanted = std::any_of(applications.begin(), applications.end(),
                                    [](const ApplicationPlan& a) { return a.pin.has_value(); });
    if (wanted && !faults.has(i)) cards.push_back(i);
  }
  if (cards.empty()) return;

  windows_.open(Window::pins, cards.size());
  const std::string& field = plan_.fields[*plan_.roles.pin_block].name;
  hsm::Secret blocks(kPinBlock * cards.size());
  for (std::size_t n = 0; n < cards.size(); ++n) {
    const Bytes block =
        emvcrypto::from_hex(field_of(chunk.cards[cards[n]], *plan_.roles.pin_block));
    std::copy(block.begin(), block.end(),
              blocks.expose_mutable().begin() + static_cast<std::ptrdiff_t>(kPinBlock * n));
  }
  token_->decrypt_ecb(*kek1_, blocks.expose_mutable());

  for (std::size_t n = 0; n < cards.size(); ++n) {
    const pb::Card& card = chunk.cards[cards[n]];
    const std::string_view pan = field_of(card, plan_.roles.pan);
    const hsm::Secret block(blocks.expose().subspan(kPinBlock * n, kPinBlock));
    const auto& applications = plan_.cards[card.card()].applications;
    for (std::size_t a = 0; a < applications.size(); ++a) {
      if (!applications[a].pin) continue;
      const auto pin = emvcrypto::read_pin_block(0, block, pan);
      if (!pin) {
        faults.set(cards[n], field, pin.error());
        break;
      }
      const hsm::Secret for_card = applications[a].pin->format == 1
                                       ? emvcrypto::pin_block_1(*pin, token_->random(kPinBlock))
                                       : emvcrypto::pin_block_2(*pin);
      for (const DgiPlan& dgi : applications[a].dgis)
        if (dgi.kind == DgiPlan::Kind::pin)
          out.add(cards[n], a, dgi.id, for_card.expose(), dgi.pad);
    }
  }
}

}  // namespace kpd
