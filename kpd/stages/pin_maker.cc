#include "kpd/stages/pin_maker.h"

#include <fmt/format.h>

#include "emvcrypto/ibm3624.h"
#include "kpd/exit_code.h"
#include "kpd/keys/hsm_cipher.h"
#include "kpd/keys/pin_cipher.h"
#include "kpd/keys/random_pins.h"

namespace kpd {
namespace {

constexpr std::size_t kValidationDigits = 16;

bool is_digits(std::string_view text, std::size_t count) {
  return text.size() == count && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

emvcrypto::Expected<std::string> validation_data(const Ibm3624Plan& plan, const pb::Card& card) {
  emvcrypto::Expected<std::string> text = expand(plan.validation, card);
  if (text && (text->size() != kValidationDigits || !emvcrypto::parse_hex(*text)))
    return emvcrypto::fault("pin-validation",
                            "the validation data of the PIN has not 16 hexadecimal digits");
  return text;
}

ChunkPins PinMaker::make(const Chunk& chunk, ChunkFaults& faults) {
  Wanted wanted;
  for (std::size_t i = 0; i < chunk.cards.size(); ++i)
    if (!faults.has(i) && plan_.cards[chunk.cards[i].card()].needs_pin()) wanted.push_back(i);
  ChunkPins pins(chunk.cards.size());
  if (wanted.empty()) return pins;
  windows_.open(Window::pins, wanted.size());
  switch (plan_.pin.from) {
    case PinSourcePlan::From::block:
      open_blocks(chunk, wanted, pins, faults);
      break;
    case PinSourcePlan::From::offset:
      follow_offsets(chunk, wanted, pins, faults);
      break;
    case PinSourcePlan::From::random:
      draw(wanted, pins);
      break;
    case PinSourcePlan::From::none:
      throw Failure(ExitCode::internal, "cards need PINs, but the plan has none");
  }
  return pins;
}

void PinMaker::tell(std::size_t card, emvcrypto::Fault fault, ChunkFaults& faults) const {
  faults.set(card, plan_.pin.field ? plan_.fields[*plan_.pin.field].name : "", std::move(fault));
}

/// Whoever may send PIN blocks and see which are refused can find out PINs with enough tries.
void PinMaker::count_wrong() {
  if (++wrong_ > plan_.pin.max_faults && plan_.pin.max_faults > 0)
    throw Failure(ExitCode::hold,
                  fmt::format("more than {} PINs of this job are wrong (policy.max_pin_faults): "
                              "they may be under another key or for other PANs, or somebody tries "
                              "PINs; find out which before going on",
                              plan_.pin.max_faults));
}

void PinMaker::open_blocks(const Chunk& chunk, const Wanted& wanted, ChunkPins& pins,
                           ChunkFaults& faults) {
  std::vector<PinCipher::Block> blocks;
  std::vector<std::size_t> cards;
  for (const std::size_t i : wanted) {
    const pb::Card& card = chunk.cards[i];
    const auto value = emvcrypto::parse_hex(field_of(card, *plan_.pin.field));
    if (!value || value->empty()) {
      tell(i, {"pin-missing", "the card needs a PIN, and its record has none"}, faults);
      continue;
    }
    blocks.push_back({*value, field_of(card, plan_.roles.pan)});
    cards.push_back(i);
  }
  PinCipher cipher(token_, keys_[plan_.pin.key], plan_.pin.format);
  auto opened = cipher.open(blocks);
  for (std::size_t n = 0; n < cards.size(); ++n) {
    if (opened[n]) {
      pins[cards[n]] = std::move(*opened[n]);
      continue;
    }
    tell(cards[n], opened[n].error(), faults);
    count_wrong();
  }
}

void PinMaker::follow_offsets(const Chunk& chunk, const Wanted& wanted, ChunkPins& pins,
                              ChunkFaults& faults) {
  const Ibm3624Plan& rule = plan_.pin.ibm3624;
  std::vector<std::string> validation;
  std::vector<std::size_t> cards;
  for (const std::size_t i : wanted) {
    auto data = validation_data(rule, chunk.cards[i]);
    if (!data) {
      tell(i, data.error(), faults);
    } else if (plan_.pin.field &&
               !is_digits(field_of(chunk.cards[i], *plan_.pin.field), rule.length)) {
      tell(i, {"pin-offset", fmt::format("an offset has {} digits", rule.length)}, faults);
      count_wrong();
    } else {
      validation.push_back(std::move(*data));
      cards.push_back(i);
    }
  }
  HsmCipher pvk(token_, keys_[rule.key]);
  auto natural = emvcrypto::natural_pins(pvk, validation, rule.decimalisation, rule.length);
  for (std::size_t n = 0; n < cards.size(); ++n)
    pins[cards[n]] = plan_.pin.field
                         ? emvcrypto::pin_from_offset(
                               natural[n], field_of(chunk.cards[cards[n]], *plan_.pin.field))
                         : std::move(natural[n]);
}

void PinMaker::draw(const Wanted& wanted, ChunkPins& pins) const {
  RandomPins source(*token_, plan_.pin.length, plan_.pin.refused);
  for (const std::size_t i : wanted) pins[i] = source.draw();
}

}  // namespace kpd
