#include <fmt/format.h>

#include <algorithm>

#include "kpd/exit_code.h"
#include "kpd/inspect/decode_dgi.h"
#include "kpd/inspect/decode_record.h"
#include "kpd/inspect/decode_tlv.h"
#include "kpd/inspect/inspect_stage_file.h"
#include "kpd/keys/transport_keys.h"
#include "kpd/stages/chunk.h"

namespace kpd::inspect {
namespace {

constexpr std::size_t kKcvSize = 3;

std::string shown_field(FieldType type, std::string_view text, const Mask& mask) {
  if (text.empty()) return "empty";
  switch (type) {
    case FieldType::pan:
      return mask.pan(text);
    case FieldType::name:
      return mask.name(text);
    case FieldType::pin_block:
      return fmt::format("{} digits enciphered", text.size());
    case FieldType::file:
      return fmt::format("{} bytes", text.size() / 2);
    default:
      return mask.text(text);
  }
}

Node masked_field(const std::string& id, std::string_view text, std::string shown) {
  Node node = field(id, "", std::move(shown));
  node.masked = !text.empty() && node.value != text;
  return node;
}

/// What came in, then the card's values: those verify a card, so nobody sees them.
Node decode_fields(const pb::Card& card, const Plan& plan, const Mask& mask) {
  Node node = branch("fields", "", "fields");
  for (std::size_t i = 0; i < plan.fields.size(); ++i) {
    const std::string_view text = field_of(card, static_cast<FieldId>(i));
    node.add(masked_field(plan.fields[i].name, text, shown_field(plan.fields[i].type, text, mask)));
  }
  const auto& values = plan.cards[card.card()].values;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string_view text = field_of(card, static_cast<FieldId>(plan.fields.size() + i));
    if (!text.empty()) node.add(masked_field(values[i].name, text, mask.all(text)));
  }
  return node;
}

Node decode_modules(const pb::Card& card, const CardPlan& plan, const Mask& mask) {
  Node node = branch("modules", "", "machine modules");
  for (std::size_t i = 0; i < plan.modules.size() && static_cast<int>(i) < card.modules_size();
       ++i) {
    const std::string& text = card.modules(static_cast<int>(i));
    Node module =
        masked_field(plan.modules[i].mic, text, text.empty() ? "empty" : mask.module(text));
    module.kind = "module";
    node.add(std::move(module));
  }
  return node;
}

/// Which transport key a secret DGI of the plan is under.
SecretDgis secrets_of(const ApplicationPlan& plan, const OutputPlan& output,
                      const pb::StreamHeader& header) {
  SecretDgis secrets;
  for (const DgiPlan& dgi : plan.dgis) {
    if (!dgi.secret()) continue;
    const std::string_view use = use_name(transport_use(*dgi.use()));
    const auto key = std::ranges::find_if(
        header.transport_keys(), [&](const pb::TransportKey& one) { return one.use() == use; });
    const bool found = key != header.transport_keys().end();
    secrets.add(dgi.id,
                found ? Encipherment{key->id(), mode_text(key->algorithm(), *output.cmode_of(dgi))}
                      : Encipherment{});
  }
  return secrets;
}

cps::Dgi to_dgi(const pb::Dgi& dgi) {
  return {static_cast<cps::DgiId>(dgi.id()), Bytes(dgi.value().begin(), dgi.value().end())};
}

Node decode_elements(const pb::Application& made, const ApplicationPlan& plan, const Mask& mask) {
  Node node = branch("elements", "", "data elements");
  for (std::size_t i = 0; i < plan.elements.size(); ++i) {
    if (static_cast<int>(i) >= made.elements_size()) break;
    const std::string& value = made.elements(static_cast<int>(i));
    if (!value.empty()) node.add(decode_object(plan.elements[i].tag, view_of(value), mask));
  }
  return node;
}

Node decode_dgis(const char* label, const google::protobuf::RepeatedPtrField<pb::Dgi>& list,
                 const SecretDgis& secrets, const Mask& mask) {
  Node node = branch("dgis", "", label);
  std::vector<cps::Dgi> dgis;
  for (const pb::Dgi& dgi : list) dgis.push_back(to_dgi(dgi));
  for (const cps::Dgi& dgi : dgis) node.add(decode_dgi(dgi, dgis, secrets, mask));
  return node;
}

Node decode_key_checks(const pb::Application& made, const ApplicationPlan& plan) {
  Node node = branch("key-checks", "", "card keys");
  const ByteView kcvs = view_of(made.kcvs());
  for (std::size_t i = 0; i < plan.keys.size() && (i + 1) * kKcvSize <= kcvs.size(); ++i)
    node.add(field(plan.keys[i].name, "",
                   "KCV " + emvcrypto::to_hex(kcvs.subspan(i * kKcvSize, kKcvSize))));
  return node;
}

Node decode_application(const pb::Application& made, const ApplicationPlan& plan,
                        const OutputPlan& output, const pb::StreamHeader& header,
                        const Mask& mask) {
  Node node = application_node(plan.aid);
  if (node.note.empty()) node.note = plan.label;
  const SecretDgis secrets = secrets_of(plan, output, header);
  const auto add = [&](Node child) {
    if (!child.children.empty()) node.add(std::move(child));
  };
  add(decode_key_checks(made, plan));
  if (made.dgis_size() > 0) {
    add(decode_dgis("data groupings", made.dgis(), secrets, mask));
  } else {
    add(decode_elements(made, plan, mask));
    // What stands among the secrets is secret, whatever the plan calls it.
    SecretDgis all = secrets;
    for (const pb::Dgi& dgi : made.secrets())
      if (const auto id = static_cast<cps::DgiId>(dgi.id()); !all.find(id)) all.add(id, {});
    add(decode_dgis("secrets", made.secrets(), all, mask));
  }
  return node;
}

}  // namespace

Node decode_stage_card(const pb::Card& card, std::uint64_t place, const Plan& plan,
                       const pb::StreamHeader& header, Mask& mask) {
  if (card.card() >= plan.cards.size() ||
      card.applications_size() > static_cast<int>(plan.cards[card.card()].applications.size()))
    throw Failure(ExitCode::hold, "the stage file is damaged: a card does not fit the plan");
  const CardPlan& card_plan = plan.cards[card.card()];
  mask.forget();
  mask.learn_pan(field_of(card, plan.roles.pan));
  if (plan.roles.name) mask.learn_name(field_of(card, *plan.roles.name));

  Node node = branch("card", mask.text(field_of(card, plan.roles.record_id)),
                     fmt::format("Record {}", place));
  node.value = card_plan.product;
  node.note = fmt::format("line {} of the input", card.line());
  node.add(decode_fields(card, plan, mask));
  if (card.modules_size() > 0) node.add(decode_modules(card, card_plan, mask));
  for (int a = 0; a < card.applications_size(); ++a)
    node.add(decode_application(card.applications(a),
                                card_plan.applications[static_cast<std::size_t>(a)], plan.output,
                                header, mask));
  return node;
}

}  // namespace kpd::inspect
