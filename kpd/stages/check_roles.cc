// What a payment application says of its card against what its keys and certificates are made of.
#include "kpd/stages/terminal_view.h"

namespace kpd {
namespace {

constexpr Tag kPan = 0x5A, kTrack2 = 0x57, kExpiry = 0x5F24, kPsn = 0x5F34;
constexpr std::size_t kYymm = 4;

struct CardRoles {
  const FieldRoles& ids;
  std::string_view pan, expiry, psn;
};

/// The field that an object should have followed; nothing when it agrees, or is another object.
std::optional<FieldId> contradicted(Tag tag, ByteView value, const CardRoles& roles) {
  if (tag != kPan && tag != kTrack2 && tag != kExpiry && tag != kPsn) return std::nullopt;
  std::string digits = emvcrypto::to_hex(value);
  if (tag == kExpiry)
    return digits.starts_with(roles.expiry) ? std::nullopt : std::optional(roles.ids.expiry);
  if (tag == kPsn) return digits == roles.psn ? std::nullopt : std::optional(roles.ids.psn);
  const std::size_t end = digits.find(tag == kPan ? 'F' : 'D');
  if (std::string_view(digits).substr(0, end) != roles.pan) return roles.ids.pan;
  if (tag == kTrack2 &&
      (end == std::string::npos || std::string_view(digits).substr(end + 1, kYymm) != roles.expiry))
    return roles.ids.expiry;
  return std::nullopt;
}

/// Looks through the objects of a list, and those inside them.
std::optional<RoleFault> check_objects(ByteView list, const CardRoles& roles) {
  while (!list.empty()) {
    if (list[0] == 0x00 || list[0] == 0xFF) {  // padding between objects (Book 3, B1)
      list = list.subspan(1);
      continue;
    }
    const auto object = emvcrypto::next_tlv(list);
    if (!object) return std::nullopt;
    if (emvcrypto::is_constructed(object->tag)) {
      if (auto inside = check_objects(object->value, roles)) return inside;
    } else if (const auto field = contradicted(object->tag, object->value, roles)) {
      return RoleFault{*field,
                       {"element", emvcrypto::tag_name(object->tag) +
                                       " is not what keys and certificates are made of"}};
    }
  }
  return std::nullopt;
}

/// Data objects with their tags; what a record brought of its own accord may be anything, and is
/// looked at where all of it can be read so.
bool holds_objects(const ApplicationPlan& plan, cps::DgiId id, ByteView value) {
  const DgiPlan* own = plan.find_dgi(id);
  if (own == nullptr || own->kind == DgiPlan::Kind::given)
    return emvcrypto::parse_tlv_tree(value).has_value();
  return own->kind == DgiPlan::Kind::record || own->kind == DgiPlan::Kind::tlvs;
}

}  // namespace

std::optional<RoleFault> check_roles(const Plan& plan, const ApplicationPlan& application,
                                     const pb::Card& card, const pb::Application& values) {
  if (application.cryptogram == nullptr && !application.issuer) return std::nullopt;
  const CardRoles roles{plan.roles, field_of(card, plan.roles.pan),
                        field_of(card, plan.roles.expiry), field_of(card, plan.roles.psn)};
  for (const pb::Dgi& dgi : values.dgis())
    if (holds_objects(application, static_cast<cps::DgiId>(dgi.id()), view_of(dgi.value())))
      if (auto fault = check_objects(view_of(dgi.value()), roles)) return fault;
  return std::nullopt;
}

}  // namespace kpd
