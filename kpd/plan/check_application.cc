#include "kpd/plan/check_application.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace kpd {
namespace {

/// What one check sees and where it tells.
struct Check {
  const ApplicationPlan& plan;
  const IssuerPlan* issuer;  ///< null: none
  const FilePlace& document;
  Mistakes& mistakes;

  void tell(const FilePlace& place, std::string id, std::string text, std::string hint = {}) const {
    mistakes.add({place.line > 0 ? place : document,
                  {},
                  std::move(text),
                  std::move(hint),
                  std::move(id),
                  false});
  }
  void tell(std::string id, std::string text, std::string hint = {}) const {
    tell(document, std::move(id), std::move(text), std::move(hint));
  }
};

// AIP byte 1 (EMV 4.4 Book 3, C1).
constexpr std::uint8_t kAipSda = 0x40;
constexpr std::uint8_t kAipDda = 0x20;
constexpr std::uint8_t kAipCda = 0x01;
// A CDA answer in template 77 must fit 256 bytes (EMV 4.4 Book 2, D2.3).
constexpr std::size_t kLongestCdaKey = 205;

const ElementPlan* find_element(const ApplicationPlan& plan, Tag tag) {
  for (const ElementPlan& element : plan.elements)
    if (element.tag == tag) return &element;
  return nullptr;
}

void collect(const std::vector<TlvPlan>& content, std::set<Tag>& tags) {
  for (const TlvPlan& item : content) {
    tags.insert(item.tag);
    collect(item.children, tags);
  }
}

std::set<Tag> tags_in_records(const ApplicationPlan& plan) {
  std::set<Tag> tags;
  for (const RecordPlan& record : plan.records) collect(record.content, tags);
  return tags;
}

void check_aip(const Check& check) {
  const ApplicationPlan& plan = check.plan;
  const ElementPlan* aip = find_element(plan, 0x82);
  if (aip == nullptr || !aip->constant || aip->value.size() != 2) return;
  const std::uint8_t bits = aip->value[0];
  if (((bits & kAipSda) != 0) != plan.sda)
    check.tell(aip->origin.place, "aip", "the AIP (82) and 'authentication' disagree about SDA");
  if (((bits & (kAipDda | kAipCda)) != 0) != plan.icc_key.has_value())
    check.tell(aip->origin.place, "aip",
               "the AIP (82) and 'authentication' disagree about DDA or CDA");
  if ((bits & kAipCda) != 0 && plan.icc_key && plan.icc_key->bits / 8 > kLongestCdaKey)
    check.tell(aip->origin.place, "key-length",
               fmt::format("a card key for CDA has at most {} bits", kLongestCdaKey * 8));
}

void check_cryptogram(const Check& check) {
  const ApplicationPlan& plan = check.plan;
  if (plan.cryptogram == nullptr) {
    if (plan.payment())
      check.tell("no-cryptogram", "an application with keys names its 'cryptogram' version");
    return;
  }
  const ElementPlan* data = find_element(plan, 0x9F10);
  if (data != nullptr && data->constant && !data->value.empty() &&
      (data->value.size() <= plan.cryptogram->number_at ||
       data->value[plan.cryptogram->number_at] != plan.cryptogram->number))
    check.tell(data->origin.place, "cryptogram",
               fmt::format("9F10 does not name cryptogram version {:02X} at byte {}",
                           plan.cryptogram->number, plan.cryptogram->number_at + 1));
  const ElementPlan* cdol = find_element(plan, 0x8C);
  if (cdol == nullptr || !cdol->constant || cdol->value.empty()) return;
  const auto entries = emvcrypto::parse_dol(cdol->value);
  if (!entries)
    return check.tell(cdol->origin.place, "dol", "CDOL1 (8C) is not a list of tags and lengths");
  for (const Tag tag : plan.cryptogram->terminal_data)
    if (std::none_of(entries->begin(), entries->end(),
                     [&](const emvcrypto::DolEntry& entry) { return entry.tag == tag; }))
      check.tell(cdol->origin.place, "dol",
                 fmt::format("CDOL1 (8C) lacks {}, which the cryptogram covers",
                             emvcrypto::tag_name(tag)));
}

void check_authentication_data(const Check& check) {
  const ApplicationPlan& plan = check.plan;
  const std::set<Tag> tags = tags_in_records(plan);
  std::vector<Tag> needed;
  if (plan.sda || plan.icc_key) needed = {0x8F, 0x90, 0x9F32};
  if (plan.sda) needed.push_back(0x93);
  if (plan.icc_key) needed.insert(needed.end(), {0x9F46, 0x9F47});
  if (plan.pin_key) needed.insert(needed.end(), {0x9F2D, 0x9F2E});
  if (check.issuer != nullptr) {
    if (!needed.empty() && !check.issuer->remainder.empty()) needed.push_back(0x92);
    if (plan.icc_key && has_remainder(*plan.icc_key, *check.issuer)) needed.push_back(0x9F48);
    if (plan.pin_key && has_remainder(*plan.pin_key, *check.issuer)) needed.push_back(0x9F2F);
  }
  for (const Tag tag : needed)
    if (!tags.contains(tag))
      check.tell("missing-element",
                 fmt::format("no record holds {}, which data authentication needs",
                             emvcrypto::tag_name(tag)));
}

/// What the DGIs of a plan hold.
struct Held {
  std::set<std::size_t> records, keys;
  std::set<std::pair<DgiPlan::Kind, RsaPart>> parts;
  std::set<cps::DgiId> ids;
  bool pin = false;
};

Held held_by_dgis(const ApplicationPlan& plan) {
  Held held;
  for (const DgiPlan& dgi : plan.dgis) {
    held.ids.insert(dgi.id);
    if (dgi.kind == DgiPlan::Kind::record) held.records.insert(dgi.record);
    if (dgi.kind == DgiPlan::Kind::keys) held.keys.insert(dgi.keys.begin(), dgi.keys.end());
    if (dgi.kind == DgiPlan::Kind::icc_part || dgi.kind == DgiPlan::Kind::pin_key_part)
      held.parts.insert({dgi.kind, dgi.part});
    held.pin = held.pin || dgi.kind == DgiPlan::Kind::pin;
  }
  return held;
}

void check_dgis(const Check& check) {
  const ApplicationPlan& plan = check.plan;
  const Held held = held_by_dgis(plan);
  for (std::size_t i = 0; i < plan.records.size(); ++i)
    if (!held.records.contains(i))
      check.tell(plan.records[i].origin.place, "no-dgi",
                 fmt::format("not every record stands in 'dgis': record {} of file {} does not",
                             plan.records[i].number, plan.records[i].sfi));
  for (std::size_t i = 0; i < plan.keys.size(); ++i)
    if (!held.keys.contains(i))
      check.tell(plan.keys[i].origin.place, "no-dgi",
                 fmt::format("not every key stands in a DGI: '{}' does not", plan.keys[i].name));
  if (plan.pin && !held.pin)
    check.tell("no-dgi", "'pin' is there, but no DGI holds the reference PIN");
  if (held.parts.size() != 5 * ((plan.icc_key ? 1U : 0U) + (plan.pin_key ? 1U : 0U)))
    check.tell("no-dgi", "a card's RSA key needs a DGI for each of qinv, dq, dp, q and p");
  std::set<cps::DgiId> named(plan.instructions.version_control.begin(),
                             plan.instructions.version_control.end());
  for (const auto* statements : {&plan.instructions.order, &plan.instructions.groups})
    for (const auto& statement : *statements) named.insert(statement.begin(), statement.end());
  for (const cps::DgiId id : named)
    if (!held.ids.contains(id))
      check.tell("unknown-dgi", fmt::format("'personalisation' names DGI {}, which is not there",
                                            cps::dgi_name(id)));
}

}  // namespace

void check_application(const ApplicationPlan& plan, const IssuerPlan* issuer,
                       const FilePlace& document, Mistakes& mistakes) {
  const Check check{plan, issuer, document, mistakes};
  for (auto* part : {check_aip, check_cryptogram, check_authentication_data, check_dgis})
    part(check);
}

}  // namespace kpd
