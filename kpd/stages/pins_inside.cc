// PINs that stay inside the device: format 0 blocks go from KEK1 to the transport key, and become
// format 2 on the way. Nobody sees a PIN, so nobody checks one: they are counted.
#include <stdexcept>

#include "kpd/keys/pin_cipher.h"
#include "kpd/stages/prepare.h"

namespace kpd {
namespace {

/// What turns the clear block of format 0 for this PAN into one of format 2 by XOR: format 0 is the
/// PIN field XOR the PAN field (ISO 9564-1, 9.3.2), format 2 the PIN field with another control
/// digit (9.3.4). `pan`: the 12 rightmost digits without the check digit count, 0 for missing ones.
Bytes format_0_to_2(std::string_view pan) {
  constexpr std::size_t kDigits = 12;
  if (pan.empty()) throw std::invalid_argument("a PAN has digits");
  const std::string digits = std::string(kDigits, '0') + std::string(pan.substr(0, pan.size() - 1));
  Bytes mask = emvcrypto::from_hex("0000" + digits.substr(digits.size() - kDigits));
  mask[0] = 0x20;
  return mask;
}

/// A block that goes to one DGI, or with no DGI to the mailer.
struct Way {
  std::size_t card, application;
  const DgiPlan* dgi;
};

}  // namespace

void Prepare::pass_pins(Chunk& chunk, ChunkFaults& faults) {
  std::vector<Bytes> blocks(chunk.cards.size()), masks(chunk.cards.size());
  std::vector<Way> ways;
  std::vector<std::size_t> mailers;
  for (std::size_t i = 0; i < chunk.cards.size(); ++i) {
    pb::Card& card = chunk.cards[i];
    if (faults.has(i) || !plan_.cards[card.card()].needs_pin()) continue;
    const std::string& field = plan_.fields[*plan_.pin.field].name;
    const auto value = emvcrypto::parse_hex(field_of(card, *plan_.pin.field));
    if (!value || value->empty()) {
      faults.set(i, field, {"pin-missing", "the card needs a PIN, and its record has none"});
      continue;
    }
    if (value->size() != pin_block_size(plan_.pin.format)) {
      faults.set(i, field, {"pin-format", "the PIN block has another length"});
      continue;
    }
    blocks[i] = *value;
    masks[i] = format_0_to_2(field_of(card, plan_.roles.pan));
    if (plan_.mailer) fill_mailer(card, i, faults);
    if (faults.has(i)) continue;
    windows_.pass_unchecked(1);
    if (plan_.mailer) mailers.push_back(i);
    const auto& applications = plan_.cards[card.card()].applications;
    for (std::size_t a = 0; a < applications.size(); ++a)
      for (const DgiPlan& dgi : applications[a].dgis)
        if (dgi.kind == DgiPlan::Kind::pin) ways.push_back({i, a, &dgi});
  }
  std::vector<hsm::Passage> secrets;
  for (const Way& way : ways) {
    const auto& pin = plan_of(chunk.cards[way.card], way.application).pin;
    const bool as_it_came = pin && pin->format == plan_.pin.format;
    secrets.push_back({blocks[way.card], as_it_came ? ByteView() : ByteView(masks[way.card])});
  }
  auto passed = token_->rewrap_ecb(keys_[plan_.pin.key], transport_.pin, secrets);
  for (std::size_t n = 0; n < ways.size(); ++n)
    add_inside(
        *chunk.cards[ways[n].card].mutable_applications(static_cast<int>(ways[n].application)),
        *ways[n].dgi, std::move(passed[n]), transport_.pin);
  if (mailers.empty()) return;
  std::vector<hsm::Passage> to_mailers;
  for (const std::size_t i : mailers) to_mailers.push_back({blocks[i], {}});
  const auto sealed =
      token_->rewrap_ecb(keys_[plan_.pin.key], keys_[plan_.mailer->key], to_mailers);
  for (std::size_t n = 0; n < mailers.size(); ++n)
    chunk.cards[mailers[n]].mutable_pin_mailer()->set_pin_block(to_field(sealed[n]));
}

}  // namespace kpd
