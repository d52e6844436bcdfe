// Clear DGIs that the back office made, in place of ours or beside them.
#include <algorithm>
#include <array>
#include <set>

#include "emvcrypto/tlv.h"
#include "kpd/stages/elements.h"
#include "kpd/stages/prepare.h"

namespace kpd {
namespace {

constexpr Tag kRecordTemplate = 0x70;
// Records that terminals read are in files 1 to 10 and known by the AFL (EMV 4.4 Book 3, 5.3).
constexpr cps::DgiId kLastReadRecord = 0x0AFF;
// By convention what stands here is secret (EMV CPS 1.1, Annex A).
constexpr cps::DgiId kFirstSecret = 0x8000, kLastSecret = 0x8FFF;

// What keys, certificates and signatures of the card are made with: it cannot differ from what the
// card says. PAN, track 2, expiry, PAN sequence number, AIP, AFL.
constexpr std::array<Tag, 6> kBinding{0x5A, 0x57, 0x5F24, 0x5F34, 0x82, 0x94};

tl::unexpected<emvcrypto::Fault> refuse(cps::DgiId id, const std::string& reason) {
  return emvcrypto::fault("dgi-given", "DGI " + cps::dgi_name(id) + ": " + reason);
}

void collect(const std::vector<TlvPlan>& content, std::vector<std::size_t>& elements) {
  for (const TlvPlan& item : content) {
    if (item.element) elements.push_back(*item.element);
    collect(item.children, elements);
  }
}

/// The elements that our own version of a DGI holds.
std::vector<std::size_t> elements_of(const ApplicationPlan& plan, const DgiPlan& dgi) {
  std::vector<std::size_t> elements;
  collect(dgi.kind == DgiPlan::Kind::record ? plan.records[dgi.record].content : dgi.content,
          elements);
  return elements;
}

using Check = emvcrypto::Expected<void>;

/// A DGI of data objects against the one that it replaces.
Check check_objects(const cps::Dgi& given, const DgiPlan& own, const ApplicationPlan& plan,
                    const pb::Application& made) {
  if (!emvcrypto::parse_tlv_tree(given.value)) return refuse(given.id, "it is not BER-TLV");
  for (const std::size_t e : elements_of(plan, own)) {
    const ElementPlan& element = plan.elements[e];
    if (element.made_by_signing != Signed::none)
      return refuse(given.id, "a certificate or signature that is made here stands in it");
    if (std::ranges::find(kBinding, element.tag) != kBinding.end() &&
        !emvcrypto::find_tlv(given.value, element.tag))
      return refuse(given.id, "it lacks " + emvcrypto::tag_name(element.tag));
  }
  for (const ElementPlan& element : plan.elements)
    if (element.made_by_signing != Signed::none && emvcrypto::find_tlv(given.value, element.tag))
      return refuse(given.id, emvcrypto::tag_name(element.tag) + " is made here");
  // What the application does not have is empty, so that it never equals what came.
  for (const Tag tag : kBinding)
    if (const auto value = emvcrypto::find_tlv(given.value, tag))
      if (!std::ranges::equal(*value, element_value(plan, made, tag)))
        return refuse(given.id, emvcrypto::tag_name(tag) + " differs from the card's own");
  return {};
}

/// Data objects directly in a record.
std::vector<Tag> objects_of(const RecordPlan& record, const pb::Application& made) {
  std::vector<Tag> tags;
  const pb::Dgi* given = given_dgi(made, record.dgi());
  if (given == nullptr) {
    for (const TlvPlan& item : record.content) tags.push_back(item.tag);
    return tags;
  }
  ByteView whole = view_of(given->value());
  const auto content = emvcrypto::parse_tlv_list(emvcrypto::next_tlv(whole)->value);
  for (const emvcrypto::TlvView& object : *content) tags.push_back(object.tag);
  return tags;
}

/// No data object stands twice in the records (EMV 4.4 Book 3, 10.2): terminals give up.
Check check_redundant(const ApplicationPlan& plan, const pb::Application& made) {
  std::set<Tag> seen;
  for (const RecordPlan& record : plan.records)
    for (const Tag tag : objects_of(record, made))
      if (!emvcrypto::is_constructed(tag) && !seen.insert(tag).second)
        return refuse(record.dgi(), emvcrypto::tag_name(tag) + " stands in the records twice");
  return {};
}

Check check_one(const cps::Dgi& given, const ApplicationPlan& plan, const pb::Application& made) {
  const DgiPlan* own = plan.find_dgi(given.id);
  if (own == nullptr) {
    if (given.id <= kLastReadRecord) return refuse(given.id, "the AFL names no such record");
    if (given.id >= kFirstSecret && given.id <= kLastSecret)
      return refuse(given.id, "secrets do not come in clear");
    return {};
  }
  switch (own->kind) {
    case DgiPlan::Kind::record: {
      ByteView rest = given.value;
      const auto record = emvcrypto::next_tlv(rest);
      if (!record || record->tag != kRecordTemplate || !rest.empty())
        return refuse(given.id, "a record is one template 70");
      return check_objects(given, *own, plan, made);
    }
    case DgiPlan::Kind::tlvs:
      return check_objects(given, *own, plan, made);
    case DgiPlan::Kind::raw:
    case DgiPlan::Kind::constant:
      return {};
    default:
      return refuse(given.id, "it is made here, or given apart");
  }
}

Check take_list(const ApplicationPlan& plan, const pb::Card& card, pb::Application& made) {
  const emvcrypto::Expected<std::string> text = expand(*plan.given_dgis, card);
  if (!text) return tl::unexpected(text.error());
  const auto bytes = emvcrypto::parse_hex(*text);
  if (!bytes) return emvcrypto::fault("dgi-given", "the list of DGIs is not hexadecimal");
  const auto list = cps::parse_dgis(*bytes);
  if (!list) return emvcrypto::fault("dgi-given", list.error().reason);
  for (const cps::Dgi& given : *list) {
    if (given_dgi(made, given.id) != nullptr) return refuse(given.id, "it comes twice");
    if (auto good = check_one(given, plan, made); !good) return good;
    pb::Dgi* to = made.add_given();
    to->set_id(given.id);
    to->set_value(to_field(given.value));
  }
  return list->empty() ? Check{} : check_redundant(plan, made);
}

/// The DGIs that the template takes from the record one by one.
Check take_single(const ApplicationPlan& plan, const pb::Card& card, pb::Application& made) {
  for (const DgiPlan& dgi : plan.dgis) {
    if (dgi.kind != DgiPlan::Kind::given) continue;
    const emvcrypto::Expected<std::string> text = expand(dgi.given.text, card);
    if (!text) return tl::unexpected(text.error());
    const auto value = emvcrypto::parse_hex(*text);
    if (!value || value->empty()) return refuse(dgi.id, "what came is not hexadecimal, or empty");
    pb::Dgi* to = made.add_given();
    to->set_id(dgi.id);
    to->set_value(to_field(*value));
  }
  return {};
}

}  // namespace

void Prepare::take_given_dgis(Chunk& chunk, ChunkFaults& faults) const {
  for (std::size_t i = 0; i < chunk.cards.size(); ++i) {
    pb::Card& card = chunk.cards[i];
    const auto& applications = plan_.cards[card.card()].applications;
    for (std::size_t a = 0; a < applications.size() && !faults.has(i); ++a) {
      pb::Application& made = *card.mutable_applications(static_cast<int>(a));
      Check good = take_single(applications[a], card, made);
      if (good && applications[a].given_dgis) good = take_list(applications[a], card, made);
      if (!good) faults.set(i, "", good.error());
    }
  }
}

}  // namespace kpd
