#include "kpd/intake/intake.h"

#include <array>

#include "kpd/intake/packed_texts.h"
#include "kpd/intake/told_record_id.h"

namespace kpd {
namespace {

std::vector<std::unique_ptr<JoinedSource>> open_joins(const std::vector<JoinPlan>& plans) {
  std::vector<std::unique_ptr<JoinedSource>> joins;
  for (const JoinPlan& plan : plans) joins.push_back(std::make_unique<JoinedSource>(plan));
  return joins;
}

/// The fields of a card that are made so far.
FieldLookup made_fields(const pb::Card& card) {
  return [&card](FieldId id) {
    const int place = static_cast<int>(id);
    return place < card.fields_size() ? std::string_view(card.fields(place)) : std::string_view();
  };
}

}  // namespace

Intake::Intake(const Plan& plan)
    : plan_(plan),
      joins_(open_joins(plan.intake.joins)),
      source_(open_source(plan.intake.cards)),
      columns_(*source_, plan.intake.cards, plan.intake.inputs) {}

std::vector<std::string> Intake::notes() const {
  std::vector<std::string> notes;
  for (const auto& join : joins_)
    for (std::string& note : join->notes()) notes.push_back(std::move(note));
  return notes;
}

Intake::Wrong Intake::make_fields(pb::Card& card, FieldId first, std::size_t count,
                                  Inputs inputs) const {
  const FieldLookup earlier = made_fields(card);
  for (FieldId id = first; id < first + count; ++id) {
    const FieldPlan& field = plan_.fields[id];
    auto text = make_field_text(field, inputs, earlier);
    if (text) text = read_field(field, *std::move(text), plan_, earlier);
    if (!text) return FieldFault{field.name, text.error()};
    card.add_fields(*std::move(text));
  }
  return std::nullopt;
}

Intake::Wrong Intake::join(pb::Card& card, JoinedSource& source, std::string& place) const {
  const JoinPlan& plan = source.plan();
  const FieldLookup earlier = made_fields(card);
  const std::string name = plan.on_text ? plan.name : plan_.fields[plan.on_field].name;
  const emvcrypto::Expected<std::string> key =
      plan.on_text ? expand(*plan.on_text, earlier) : std::string(earlier(plan.on_field));
  if (!key) return FieldFault{name, key.error()};
  if (source.is_repeated(*key))
    return FieldFault{name,
                      {"join-twice", "source '" + plan.name + "' has two records for this card"}};
  const auto partner = key->empty() ? std::nullopt : source.find(*key);
  if (partner) {
    const std::vector<std::string_view> inputs(partner->inputs.begin(), partner->inputs.end());
    auto wrong = make_fields(card, plan.first_field, plan.fields, inputs);
    if (wrong) place = source.place(partner->line);
    return wrong;
  }
  if (plan.missing == JoinPlan::Missing::reject)
    return FieldFault{name, {"join", "source '" + plan.name + "' has no record for this card"}};
  if (plan.missing == JoinPlan::Missing::defaults)
    return make_fields(card, plan.first_field, plan.fields,
                       std::vector<std::string_view>(plan.inputs.size()));
  for (std::size_t i = 0; i < plan.fields; ++i) card.add_fields("");
  return std::nullopt;
}

/// The product's plan, or that of the record's risk profile.
Intake::Wrong Intake::choose_card(pb::Card& card) const {
  const FieldLookup field = made_fields(card);
  const std::string_view product = field(plan_.roles.product);
  const auto chosen = plan_.choose_card(product, field);
  if (chosen) {
    card.set_card(static_cast<std::uint32_t>(*chosen));
    return std::nullopt;
  }
  const auto risk = plan_.risks.find(product);
  return FieldFault{risk == plan_.risks.end() ? "" : plan_.fields[risk->second.field].name,
                    chosen.error()};
}

// Two cards of one AID, PAN and PSN would have the same keys.
Intake::Wrong Intake::check_duplicate(const pb::Card& card) {
  const FieldLookup field = made_fields(card);
  for (const ApplicationPlan& application : plan_.cards[card.card()].applications) {
    if (!application.payment()) continue;
    const std::array identity{emvcrypto::as_text(application.aid), field(plan_.roles.pan),
                              field(plan_.roles.psn)};
    if (!seen_.insert(pack(identity)))
      return FieldFault{plan_.fields[plan_.roles.pan].name,
                        {"duplicate", "this batch has another card of the same PAN and PSN"}};
  }
  return std::nullopt;
}

Intake::Wrong Intake::complete(pb::Card& card, Inputs inputs, std::string& place) {
  if (auto wrong = make_fields(card, 0, plan_.intake.card_fields, inputs)) return wrong;
  const FieldLookup field = made_fields(card);
  if (holds_pan(field(plan_.roles.record_id), field(plan_.roles.pan)))
    return FieldFault{
        plan_.fields[plan_.roles.record_id].name,
        {"record-id-pan", "the record's id holds the card's PAN, and it goes into files in clear"}};
  if (auto wrong = check_dates(plan_, field)) return wrong;
  for (const auto& source : joins_)
    if (auto wrong = join(card, *source, place)) return wrong;
  if (auto wrong = check_record(plan_, field)) return wrong;
  if (auto wrong = choose_card(card)) return wrong;
  return check_duplicate(card);
}

/// The id of a record that failed before its id was made, when a column alone tells it.
void Intake::find_record_id(pb::Card& card, Inputs inputs) const {
  const FieldId id = plan_.roles.record_id;
  const FieldPlan& field = plan_.fields[id];
  if (static_cast<int>(id) < card.fields_size() || field.from || !field.input) return;
  while (card.fields_size() < static_cast<int>(id)) card.add_fields("");
  make_fields(card, id, 1, inputs);
}

pb::Reject Intake::reject(const pb::Card& card, const FieldFault& wrong,
                          const std::string& place) const {
  pb::Reject reject;
  reject.set_ordinal(card.ordinal());
  reject.set_line(card.line());
  const FieldLookup field = made_fields(card);
  const std::string_view id = field(plan_.roles.record_id);
  if (!holds_pan(id, field(plan_.roles.pan))) reject.set_record_id(told_record_id(id));
  reject.set_field(wrong.field);
  reject.set_fault(wrong.fault.code);
  reject.set_reason(wrong.fault.reason);
  reject.set_stage("ingest");
  reject.set_source(place);
  return reject;
}

std::optional<Intake::Item> Intake::next() {
  const auto row = source_->next();
  if (!row) return std::nullopt;
  pb::Card card;
  card.set_ordinal(ordinal_++);
  card.set_line(row->line);
  if (!row->columns) return reject(card, {"", row->columns.error()}, "");
  const Inputs inputs = columns_.of(*row->columns);
  std::string place;
  if (auto wrong = complete(card, inputs, place)) {
    find_record_id(card, inputs);
    return reject(card, *wrong, place);
  }
  return card;
}

}  // namespace kpd
