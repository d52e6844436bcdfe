// The final DGIs of each card, in the order of its plan.
#include <fmt/format.h>

#include "kpd/exit_code.h"
#include "kpd/stages/elements.h"
#include "kpd/stages/sign.h"
#include "kpd/stages/terminal_view.h"

namespace kpd {
namespace {

// A record is at most 254 bytes long with its template's tag and length (EMV CPS 1.1, 3.2).
constexpr std::size_t kMaxRecord = 254;
constexpr std::size_t kMaxDgi = 65534;
constexpr std::size_t kKcvSize = 3;

ByteView secret(const pb::Application& values, cps::DgiId id) {
  for (const pb::Dgi& candidate : values.secrets())
    if (candidate.id() == id && !candidate.value().empty()) return view_of(candidate.value());
  throw Failure(ExitCode::internal, "the secret of DGI " + cps::dgi_name(id) +
                                        " was not prepared; nothing was written");
}

Bytes dgi_value(const DgiPlan& dgi, const ApplicationPlan& plan, const pb::Application& values) {
  if (const pb::Dgi* given = given_dgi(values, dgi.id))
    return Bytes(given->value().begin(), given->value().end());
  Bytes value;
  switch (dgi.kind) {
    case DgiPlan::Kind::record:
      return make_record(plan.records[dgi.record], values);
    case DgiPlan::Kind::tlvs:
      append_content(value, dgi.content, values);
      return value;
    case DgiPlan::Kind::raw:
      for (const TlvPlan& item : dgi.content)
        emvcrypto::append(value, view_of(values.elements(static_cast<int>(*item.element))));
      return value;
    case DgiPlan::Kind::constant:
      return dgi.value;
    case DgiPlan::Kind::kcvs:
      for (const std::size_t key : dgi.keys)
        emvcrypto::append(value, view_of(values.kcvs()).subspan(kKcvSize * key, kKcvSize));
      return value;
    case DgiPlan::Kind::given:
      throw Failure(ExitCode::internal, "DGI " + cps::dgi_name(dgi.id) +
                                            " was not taken from its record; nothing was written");
    case DgiPlan::Kind::keys:
    case DgiPlan::Kind::pin:
    case DgiPlan::Kind::icc_part:
    case DgiPlan::Kind::pin_key_part:
    case DgiPlan::Kind::given_secret:
      break;
  }
  emvcrypto::append(value, secret(values, dgi.id));
  return value;
}

/// Whether a DGI is there in clear before signing.
bool is_clear(const DgiPlan& dgi) {
  using enum DgiPlan::Kind;
  return dgi.kind == record || dgi.kind == tlvs || dgi.kind == raw || dgi.kind == constant ||
         dgi.kind == given;
}

void add_dgi(pb::Application& to, cps::DgiId id, ByteView value) {
  pb::Dgi* out = to.add_dgis();
  out->set_id(id);
  out->set_value(to_field(value));
}

/// Adds a DGI to the finished application. Fault "record-length" when the card cannot take it.
std::optional<emvcrypto::Fault> finish(pb::Application& values, cps::DgiId id, ByteView value,
                                       std::size_t limit) {
  if (value.size() > limit)
    return emvcrypto::Fault{"record-length", fmt::format("DGI {} has {} bytes; {} is the limit",
                                                         cps::dgi_name(id), value.size(), limit)};
  add_dgi(values, id, value);
  return std::nullopt;
}

std::optional<emvcrypto::Fault> lay_out_one(const ApplicationPlan& plan, pb::Application& values) {
  for (const DgiPlan& dgi : plan.dgis) {
    const std::size_t limit = dgi.kind == DgiPlan::Kind::record ? kMaxRecord : kMaxDgi;
    if (auto fault = finish(values, dgi.id, dgi_value(dgi, plan, values), limit)) return fault;
  }
  // What the record brought beyond the plan stands behind it.
  for (const pb::Dgi& given : values.given()) {
    const auto id = static_cast<cps::DgiId>(given.id());
    if (plan.find_dgi(id) != nullptr) continue;
    if (auto fault = finish(values, id, view_of(given.value()), kMaxDgi)) return fault;
  }
  values.clear_secrets();
  values.clear_given();
  return std::nullopt;
}

}  // namespace

pb::Application clear_dgis(const ApplicationPlan& plan, const pb::Application& values) {
  pb::Application card;
  for (const DgiPlan& dgi : plan.dgis)
    if (is_clear(dgi)) add_dgi(card, dgi.id, dgi_value(dgi, plan, values));
  for (const pb::Dgi& given : values.given()) {
    const auto id = static_cast<cps::DgiId>(given.id());
    if (plan.find_dgi(id) == nullptr) add_dgi(card, id, view_of(given.value()));
  }
  return card;
}

void Sign::lay_out(Chunk& chunk, ChunkFaults& faults) const {
  for (std::size_t i = 0; i < chunk.cards.size(); ++i) {
    const auto& applications = plan_.cards[chunk.cards[i].card()].applications;
    for (std::size_t a = 0; a < applications.size() && !faults.has(i); ++a) {
      pb::Application& values = *chunk.cards[i].mutable_applications(static_cast<int>(a));
      if (auto fault = lay_out_one(applications[a], values))
        faults.set(i, "", std::move(*fault));
      else if (auto wrong = check_roles(plan_, applications[a], chunk.cards[i], values))
        faults.set(i, plan_.fields[wrong->field].name, std::move(wrong->fault));
    }
  }
}

void Sign::check_signed(const Chunk& chunk, ChunkFaults& faults,
                        const std::vector<StaticData>& all) const {
  for (const StaticData& one : all) {
    if (faults.has(one.card)) continue;
    const pb::Card& card = chunk.cards[one.card];
    const ApplicationPlan& plan = plan_.cards[card.card()].applications[one.application];
    const pb::Application& values = card.applications(static_cast<int>(one.application));
    const auto read = static_data_as_read(plan, values, values);
    if (!read)
      faults.set(one.card, "", read.error());
    else if (*read != one.signed_data)
      faults.set(one.card, "",
                 {"static-data",
                  "the records that a terminal authenticates are not those that were "
                  "signed: template '" +
                      plan.template_name + "' contradicts itself"});
  }
}

}  // namespace kpd
