// Clear DGIs that the back office made, in place of ours or beside them.
#include <algorithm>
#include <array>
#include <set>
#include <span>

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
// card says. PAN, tracks, expiry, PAN sequence number, AIP, AFL, what is signed beside the records.
constexpr std::array<Tag, 10> kBinding{0x5A, 0x57,   0x5F24, 0x5F34, 0x82,
                                       0x94, 0x9F4A, 0x56,   0x9F6B, 0x9F1F};
// Without them no terminal goes on: CDOL1, CDOL2, CVM list.
constexpr std::array<Tag, 3> kNeeded{0x8C, 0x8D, 0x8E};
// AIP and AFL one after the other without tags.
constexpr std::array<cps::DgiId, 2> kUntaggedResponses{0xA005, 0xB005};
// The same with their tags: contact (EMV CPS 1.1, Annex A), contactless.
constexpr std::array<cps::DgiId, 2> kTaggedResponses{0x9104, 0x9207};

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

bool is_in(std::span<const Tag> tags, Tag tag) {
  return std::ranges::find(tags, tag) != tags.end();
}

bool is_track(const ApplicationPlan& plan, std::size_t index) {
  return std::ranges::any_of(plan.elements, [&](const ElementPlan& element) {
    return element.ivcvc3 && element.ivcvc3->over == index;
  });
}

/// Nothing that binds a card may be said otherwise. own: the elements that our version has.
/// may_bring: the DGI may hold what the application has nowhere else.
Check check_binding(const cps::Dgi& given, const std::vector<std::size_t>& own,
                    const ApplicationPlan& plan, const pb::Application& made,
                    bool may_bring = false) {
  for (const ElementPlan& element : plan.elements)
    if ((element.made_by_signing != Signed::none || element.ivcvc3) &&
        emvcrypto::find_tlv(given.value, element.tag))
      return refuse(given.id, emvcrypto::tag_name(element.tag) + " is made here");
  // What the application does not have is empty, so that it never equals what came.
  for (const Tag tag : kBinding) {
    const auto value = emvcrypto::find_tlv(given.value, tag);
    if (!value) continue;
    const auto here = std::ranges::find_if(
        own, [&](std::size_t index) { return plan.elements[index].tag == tag; });
    const ByteView expected = here != own.end() ? view_of(made.elements(static_cast<int>(*here)))
                                                : element_value(plan, made, tag);
    if (!(may_bring && expected.empty()) && !std::ranges::equal(*value, expected))
      return refuse(given.id, emvcrypto::tag_name(tag) + " differs from the card's own");
  }
  return {};
}

/// A DGI of data objects against the one that it replaces.
Check check_objects(const cps::Dgi& given, const DgiPlan& own, const ApplicationPlan& plan,
                    const pb::Application& made) {
  if (!emvcrypto::parse_tlv_tree(given.value)) return refuse(given.id, "it is not BER-TLV");
  const std::vector<std::size_t> elements = elements_of(plan, own);
  for (const std::size_t e : elements) {
    const ElementPlan& element = plan.elements[e];
    if (element.made_by_signing != Signed::none || element.ivcvc3)
      return refuse(given.id, "a certificate, signature or code that is made here stands in it");
    const auto value = emvcrypto::find_tlv(given.value, element.tag);
    if (!value && (is_in(kBinding, element.tag) || is_in(kNeeded, element.tag)))
      return refuse(given.id, "it lacks " + emvcrypto::tag_name(element.tag));
    if (is_track(plan, e) &&
        (!value || !std::ranges::equal(*value, view_of(made.elements(static_cast<int>(e))))))
      return refuse(given.id, "a code of the card is over " + emvcrypto::tag_name(element.tag));
  }
  return check_binding(given, elements, plan, made);
}

/// A DGI without a structure that we know against the one that it replaces: what binds the card is
/// not to be told from the rest, so nothing may differ where it stands.
Check check_bytes(const cps::Dgi& given, const DgiPlan& own, const ApplicationPlan& plan,
                  const pb::Application& made) {
  const bool constant = own.kind == DgiPlan::Kind::constant;
  Bytes ours = own.value;
  bool bound = std::ranges::find(kUntaggedResponses, own.id) != kUntaggedResponses.end();
  for (const std::size_t e : elements_of(plan, own)) {
    const ElementPlan& element = plan.elements[e];
    if (element.made_by_signing != Signed::none || element.ivcvc3)
      return refuse(given.id, "a certificate, signature or code that is made here stands in it");
    bound = bound || is_in(kBinding, element.tag) || is_track(plan, e);
    emvcrypto::append(ours, view_of(made.elements(static_cast<int>(e))));
  }
  for (const Tag tag : kBinding)
    bound = bound || (constant && emvcrypto::find_tlv(own.value, tag).has_value());
  if (bound && given.value != ours) return refuse(given.id, "it differs from the card's own");
  return {};
}

/// A DGI that replaces none: what it says of the card must be true.
Check check_new(const cps::Dgi& given, const ApplicationPlan& plan, const pb::Application& made,
                bool may_bring) {
  const auto is_one = [&](const auto& ids) {
    return std::ranges::find(ids, given.id) != ids.end();
  };
  if (is_one(kUntaggedResponses) && !may_bring)
    return refuse(given.id, "AIP and AFL of the card stand elsewhere");
  if (emvcrypto::parse_tlv_tree(given.value))
    return check_binding(given, {}, plan, made, may_bring);
  if (is_one(kTaggedResponses)) return refuse(given.id, "it is not BER-TLV");
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
    return check_new(given, plan, made, false);
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
      return check_bytes(given, *own, plan, made);
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
    if (auto good = check_new({dgi.id, *value}, plan, made, true); !good) return good;
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
