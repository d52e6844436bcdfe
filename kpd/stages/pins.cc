// PINs on their way to the card, in its own format, and to the printer of PIN mailers.
#include "kpd/keys/pin_cipher.h"
#include "kpd/stages/prepare.h"

namespace kpd {
namespace {

constexpr std::size_t kFill = 16;  // random bytes a block

}  // namespace

void Prepare::place_pins(const Chunk& chunk, const ChunkPins& pins, const ChunkFaults& faults,
                         SecretBatch& out) {
  for (std::size_t i = 0; i < chunk.cards.size(); ++i) {
    if (faults.has(i) || pins[i].empty()) continue;
    const std::string_view pan = field_of(chunk.cards[i], plan_.roles.pan);
    const auto& applications = plan_.cards[chunk.cards[i].card()].applications;
    for (std::size_t a = 0; a < applications.size(); ++a) {
      if (!applications[a].pin) continue;
      const int format = applications[a].pin->format;
      const hsm::Secret fill = format == 1 ? token_->random_secret(kFill) : hsm::Secret();
      const hsm::Secret block = clear_pin_block(format, pins[i], pan, fill.expose());
      for (const DgiPlan& dgi : applications[a].dgis)
        if (dgi.kind == DgiPlan::Kind::pin) out.add(i, a, dgi, block.expose());
    }
  }
}

void Prepare::fill_mailer(pb::Card& card, std::size_t index, ChunkFaults& faults) const {
  pb::PinMailer& mailer = *card.mutable_pin_mailer();
  for (const MailerPlan::Field& field : plan_.mailer->fields) {
    emvcrypto::Expected<std::string> text = expand(field.text, card);
    if (text)
      mailer.add_fields(std::move(*text));
    else
      faults.set(index, field.name, text.error());
  }
}

void Prepare::make_mailers(Chunk& chunk, const ChunkPins& pins, ChunkFaults& faults) {
  if (!plan_.mailer) return;
  std::vector<std::size_t> cards;
  std::vector<PinCipher::Pin> clear;
  for (std::size_t i = 0; i < chunk.cards.size(); ++i) {
    if (faults.has(i) || pins[i].empty()) continue;
    fill_mailer(chunk.cards[i], i, faults);
    cards.push_back(i);
    clear.push_back({&pins[i], field_of(chunk.cards[i], plan_.roles.pan)});
  }
  PinCipher cipher(token_, keys_[plan_.mailer->key], plan_.mailer->format);
  const auto blocks = cipher.seal(clear);
  for (std::size_t n = 0; n < cards.size(); ++n)
    chunk.cards[cards[n]].mutable_pin_mailer()->set_pin_block(to_field(blocks[n]));
}

}  // namespace kpd
