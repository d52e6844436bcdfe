#include "kpd/plan/check_application.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace kpd {
namespace {

using Mistake = std::optional<std::string>;

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

Mistake check_aip(const ApplicationPlan& plan, const IssuerPlan*) {
  const ElementPlan* aip = find_element(plan, 0x82);
  if (aip == nullptr || !aip->constant || aip->value.size() != 2) return std::nullopt;
  const std::uint8_t bits = aip->value[0];
  if (((bits & kAipSda) != 0) != plan.sda)
    return "the AIP (82) and 'authentication' disagree about SDA";
  if (((bits & (kAipDda | kAipCda)) != 0) != plan.icc_key.has_value())
    return "the AIP (82) and 'authentication' disagree about DDA or CDA";
  if ((bits & kAipCda) != 0 && plan.icc_key && plan.icc_key->bits / 8 > kLongestCdaKey)
    return fmt::format("a card key for CDA has at most {} bits", kLongestCdaKey * 8);
  return std::nullopt;
}

Mistake check_cryptogram(const ApplicationPlan& plan, const IssuerPlan*) {
  if (plan.cryptogram == nullptr) {
    if (plan.payment()) return "an application with keys names its 'cryptogram' version";
    return std::nullopt;
  }
  const ElementPlan* data = find_element(plan, 0x9F10);
  if (data != nullptr && data->constant &&
      (data->value.size() <= plan.cryptogram->number_at ||
       data->value[plan.cryptogram->number_at] != plan.cryptogram->number))
    return fmt::format("9F10 does not name cryptogram version {:02X} at byte {}",
                       plan.cryptogram->number, plan.cryptogram->number_at + 1);
  const ElementPlan* cdol = find_element(plan, 0x8C);
  if (cdol == nullptr || !cdol->constant) return std::nullopt;
  const auto entries = emvcrypto::parse_dol(cdol->value);
  if (!entries) return "CDOL1 (8C) is not a list of tags and lengths";
  for (const Tag tag : plan.cryptogram->terminal_data)
    if (std::none_of(entries->begin(), entries->end(),
                     [&](const emvcrypto::DolEntry& entry) { return entry.tag == tag; }))
      return fmt::format("CDOL1 (8C) lacks {}, which the cryptogram covers",
                         emvcrypto::tag_name(tag));
  return std::nullopt;
}

Mistake check_authentication_data(const ApplicationPlan& plan, const IssuerPlan* issuer) {
  const std::set<Tag> tags = tags_in_records(plan);
  std::vector<Tag> needed;
  if (plan.sda || plan.icc_key) needed = {0x8F, 0x90, 0x9F32};
  if (plan.sda) needed.push_back(0x93);
  if (plan.icc_key) needed.insert(needed.end(), {0x9F46, 0x9F47});
  if (plan.pin_key) needed.insert(needed.end(), {0x9F2D, 0x9F2E});
  if (issuer != nullptr) {
    if (!needed.empty() && !issuer->remainder.empty()) needed.push_back(0x92);
    if (plan.icc_key && has_remainder(*plan.icc_key, *issuer)) needed.push_back(0x9F48);
    if (plan.pin_key && has_remainder(*plan.pin_key, *issuer)) needed.push_back(0x9F2F);
  }
  for (const Tag tag : needed)
    if (!tags.contains(tag))
      return fmt::format("no record holds {}, which data authentication needs",
                         emvcrypto::tag_name(tag));
  return std::nullopt;
}

Mistake check_dgis(const ApplicationPlan& plan, const IssuerPlan*) {
  std::set<std::size_t> records, keys;
  std::set<std::pair<DgiPlan::Kind, RsaPart>> parts;
  std::set<cps::DgiId> ids;
  bool pin = false;
  for (const DgiPlan& dgi : plan.dgis) {
    ids.insert(dgi.id);
    if (dgi.kind == DgiPlan::Kind::record) records.insert(dgi.record);
    if (dgi.kind == DgiPlan::Kind::keys) keys.insert(dgi.keys.begin(), dgi.keys.end());
    if (dgi.kind == DgiPlan::Kind::icc_part || dgi.kind == DgiPlan::Kind::pin_key_part)
      parts.insert({dgi.kind, dgi.part});
    pin = pin || dgi.kind == DgiPlan::Kind::pin;
  }
  if (records.size() != plan.records.size()) return "not every record stands in 'dgis'";
  if (keys.size() != plan.keys.size()) return "not every key stands in a DGI";
  if (plan.pin && !pin) return "'pin' is there, but no DGI holds the reference PIN";
  if (parts.size() != 5 * ((plan.icc_key ? 1U : 0U) + (plan.pin_key ? 1U : 0U)))
    return "a card's RSA key needs a DGI for each of qinv, dq, dp, q and p";
  std::set<cps::DgiId> named(plan.instructions.version_control.begin(),
                             plan.instructions.version_control.end());
  for (const auto* statements : {&plan.instructions.order, &plan.instructions.groups})
    for (const auto& statement : *statements) named.insert(statement.begin(), statement.end());
  for (const cps::DgiId id : named)
    if (!ids.contains(id))
      return fmt::format("'personalisation' names DGI {}, which is not there", cps::dgi_name(id));
  return std::nullopt;
}

}  // namespace

std::optional<std::string> find_contradiction(const ApplicationPlan& plan,
                                              const IssuerPlan* issuer) {
  for (auto* check : {check_aip, check_cryptogram, check_authentication_data, check_dgis})
    if (auto mistake = check(plan, issuer)) return mistake;
  return std::nullopt;
}

}  // namespace kpd
