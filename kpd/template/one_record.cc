#include "kpd/template/one_record.h"

#include <fmt/format.h>

#include "kpd/intake/intake.h"
#include "kpd/stages/elements.h"

namespace kpd {
namespace {

/// Its place from 1; nothing for what is no number.
std::optional<std::uint64_t> place_of(const std::string& wanted) {
  if (wanted.empty() || wanted.size() > 12 ||
      wanted.find_first_not_of("0123456789") != std::string::npos)
    return std::nullopt;
  return std::stoull(wanted);
}

[[noreturn]] void refuse(const pb::Reject& reject) {
  throw Failure(ExitCode::usage,
                fmt::format("the intake rejects this record (line {}): {}{}{}", reject.line(),
                            reject.field(), reject.field().empty() ? "" : ": ", reject.reason()));
}

}  // namespace

pb::Card find_record(const Plan& plan, const std::string& wanted) {
  const auto place = place_of(wanted);
  std::optional<Intake::Item> by_place;
  Intake intake(plan);
  while (auto item = intake.next()) {
    std::uint64_t ordinal = 0;
    if (const auto* card = std::get_if<pb::Card>(&*item)) {
      if (field_of(*card, plan.roles.record_id) == wanted) return *card;
      ordinal = card->ordinal();
    } else {
      const auto& reject = std::get<pb::Reject>(*item);
      if (reject.record_id() == wanted) refuse(reject);
      ordinal = reject.ordinal();
    }
    if (place && ordinal + 1 == *place) by_place = std::move(item);
  }
  if (!by_place)
    throw Failure(ExitCode::usage, fmt::format("the job's source has no record '{}'", wanted));
  if (const auto* reject = std::get_if<pb::Reject>(&*by_place)) refuse(*reject);
  return std::get<pb::Card>(*by_place);
}

ElementNow make_now(const ElementPlan& element, const pb::Card& card, const Plan& plan) {
  if (element.made_by_signing != Signed::none) return {{}, "needs the device: it is signed"};
  if (element.ivcvc3) return {{}, "needs the device: it is made with a key of the card"};
  const CardPlan& card_plan = plan.cards[card.card()];
  for (const FieldId id : fields_of(element.text))
    if (id >= plan.fields.size())
      return {{}, "needs the device: value " + card_plan.values[id - plan.fields.size()].name};
  auto value = make_element(element, card, plan);
  if (!value) return {{}, value.error().reason};
  return {*std::move(value), {}};
}

inspect::Mask mask_of(const pb::Card& card, const Plan& plan) {
  inspect::Mask mask;
  mask.learn_pan(field_of(card, plan.roles.pan));
  if (plan.roles.name) mask.learn_name(field_of(card, *plan.roles.name));
  return mask;
}

std::string shown_field(FieldId id, const pb::Card& card, const Plan& plan,
                        const inspect::Mask& mask) {
  const std::string_view text = field_of(card, id);
  switch (plan.fields[id].type) {
    case FieldType::pin_block:
    case FieldType::b:
    case FieldType::file:
      return fmt::format("{} characters, not shown", text.size());
    case FieldType::pan:
      return mask.pan(text);
    case FieldType::name:
      return mask.name(text);
    default:
      return mask.text(text);
  }
}

}  // namespace kpd
