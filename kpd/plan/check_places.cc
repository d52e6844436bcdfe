// Which data objects stand where: what must be there (EMV 4.4 Book 3, 7.2, Table 33; Book 1,
// 11.3.4), what cannot stand in a record or in the FCI, and what stands in two records (Book 3,
// 7.1).
#include <fmt/format.h>

#include <algorithm>

#include "emvcrypto/tags.h"
#include "kpd/config/spelling.h"
#include "kpd/plan/application_check.h"
#include "kpd/plan/tag_sources.h"

namespace kpd {
namespace {

constexpr cps::DgiId kFciDgi = 0x9102;
constexpr Tag kFciTemplate = 0xA5, kDiscretionary = 0xBF0C, kDirectoryEntry = 0x61;

void need_in_record(const ApplicationCheck& check, Tag tag) {
  if (!check.in_record(tag))
    check.error(check.whole(), "missing-element",
                fmt::format("no record holds {}, which terminals need", described(tag)),
                "name it in the content of a record");
}

void check_mandatory(const ApplicationCheck& check) {
  if (check.has_given_data()) return;
  const bool is_short = check.is_short_contactless();
  if (!is_short || !check.in_dgi(0x5F24)) need_in_record(check, 0x5F24);
  const bool by_track = is_short && (check.in_record(0x57) || check.in_dgi(0x57));
  if (!by_track) need_in_record(check, 0x5A);
  if (!is_short) {
    need_in_record(check, 0x8C);
    need_in_record(check, 0x8D);
  }
  for (const Tag tag : {0x82U, 0x94U})
    if (!check.in_dgi(tag) && !(is_short && tag == 0x94))
      check.error(check.whole(), "missing-element",
                  fmt::format("no DGI holds {} for GET PROCESSING OPTIONS", described(tag)),
                  "{dgi: \"9104\", content: [\"82\", \"94\"]}");
  if (!check.in_dgi(0x50))
    check.error(check.whole(), "missing-element",
                fmt::format("no DGI holds {} for SELECT", described(0x50)),
                "{dgi: \"9102\", content: [{\"A5\": [\"50\", \"87\"]}]}");
}

/// SELECT answers with DGI 9102 inside 6F, behind the DF name (EMV CPS 1.1, Annex A); another DGI
/// with a template A5 is that of another interface.
bool is_fci(const DgiPlan& dgi) {
  return dgi.kind == DgiPlan::Kind::tlvs &&
         (dgi.id == kFciDgi ||
          std::ranges::find(dgi.content, kFciTemplate, &TlvPlan::tag) != dgi.content.end());
}

void check_fci(const ApplicationCheck& check, const DgiPlan& fci) {
  const TlvPlan* inner = nullptr;
  for (const TlvPlan& item : fci.content) {
    if (item.tag == kFciTemplate)
      inner = &item;
    else if (item.tag != 0x84 && item.tag != 0x6F)
      check.error(check.of(fci), "misplaced-tag",
                  fmt::format("{} stands outside template A5 of the FCI", described(item.tag)),
                  "content: [{\"A5\": [...]}]");
  }
  if (inner == nullptr) return;
  for (const TlvPlan& item : inner->children) {
    const TagSource source = tag_source(item.tag);
    if (source == TagSource::record || source == TagSource::gpo || source == TagSource::terminal ||
        source == TagSource::response)
      check.error(check.of(fci), "misplaced-tag",
                  fmt::format("{} does not belong into the FCI", described(item.tag)));
  }
}

const char* why_not_in_record(TagSource source) {
  switch (source) {
    case TagSource::terminal:
      return "comes from the terminal";
    case TagSource::fci:
      return "belongs into the FCI, DGI 9102";
    case TagSource::gpo:
      return "belongs into the answer to GET PROCESSING OPTIONS, DGI 9104";
    case TagSource::get_data:
      return "is read by GET DATA, and changes";
    case TagSource::response:
      return "is made in the transaction";
    default:
      return nullptr;
  }
}

/// Optional objects of the FCI that some issuers repeat in records.
bool is_harmless(Tag tag) {
  return tag == 0x5F2D || tag == 0x9F11 || tag == 0x9F12;
}

void check_record(const ApplicationCheck& check, const RecordPlan& record,
                  const std::vector<TlvPlan>& content) {
  for (const TlvPlan& item : content) {
    if (item.tag == kDirectoryEntry || item.tag == kDiscretionary) continue;
    const TagSource source = tag_source(item.tag);
    if (const char* why = why_not_in_record(source)) {
      const std::string text = fmt::format("{} stands in record {} of file {}, but {}",
                                           described(item.tag), record.number, record.sfi, why);
      if (is_harmless(item.tag))
        check.warn(check.of(record), "misplaced-tag", text);
      else
        check.error(check.of(record), "misplaced-tag", text);
    }
    check_record(check, record, item.children);
  }
}

void collect_primitives(const std::vector<TlvPlan>& content, std::vector<Tag>& tags) {
  for (const TlvPlan& item : content) {
    if (item.element) tags.push_back(item.tag);
    collect_primitives(item.children, tags);
  }
}

void check_repeated(const ApplicationCheck& check, const CardSide& side) {
  std::map<Tag, const RecordPlan*> first;
  for (const RecordPlan* record : side.records) {
    std::vector<Tag> tags;
    collect_primitives(record->content, tags);
    for (const Tag tag : tags) {
      const auto [known, is_new] = first.emplace(tag, record);
      if (!is_new)
        check.error(check.of(*record), "duplicate-tag",
                    fmt::format("{} stands in records already: terminals end the transaction",
                                described(tag)),
                    fmt::format("its first place is record {} of file {}", known->second->number,
                                known->second->sfi));
    }
  }
}

void collect_elements(const std::vector<TlvPlan>& content, std::set<std::size_t>& used) {
  for (const TlvPlan& item : content) {
    if (item.element) used.insert(*item.element);
    collect_elements(item.children, used);
  }
}

/// A source for a value that reaches no chip.
void check_used(const ApplicationCheck& check) {
  std::set<std::size_t> used;
  for (const RecordPlan& record : check.plan.records) collect_elements(record.content, used);
  for (const DgiPlan& dgi : check.plan.dgis) collect_elements(dgi.content, used);
  for (const ElementPlan& element : check.plan.elements)
    if (element.ivcvc3) used.insert(element.ivcvc3->over);
  for (std::size_t i = 0; i < check.plan.elements.size(); ++i)
    if (!used.contains(i))
      check.warn(check.of(check.plan.elements[i]), "no-place",
                 described(check.plan.elements[i].tag) + " stands in no record and no DGI",
                 "place it, or take it out of 'elements'");
}

void check_known(const ApplicationCheck& check) {
  std::vector<std::string> names;
  for (const emvcrypto::TagInfo& info : emvcrypto::tag_dictionary())
    names.push_back(emvcrypto::tag_name(info.tag));
  std::set<Tag> public_places = check.record_tags;
  for (const DgiPlan& dgi : check.plan.dgis)
    if (dgi.id >= 0x9102 && dgi.id <= 0x91FF) collect_tags(dgi.content, public_places);
  for (const ElementPlan& element : check.plan.elements)
    if (public_places.contains(element.tag) && !is_private(element.tag) &&
        emvcrypto::find_tag_info(element.tag) == nullptr)
      check.warn(check.of(element), "unknown-tag",
                 fmt::format("tag {} is not known", emvcrypto::tag_name(element.tag)),
                 did_you_mean(emvcrypto::tag_name(element.tag), names));
}

}  // namespace

void check_places(const ApplicationCheck& check) {
  if (!check.is_emv()) return;
  check_mandatory(check);
  for (const DgiPlan& dgi : check.plan.dgis)
    if (is_fci(dgi)) check_fci(check, dgi);
  for (const RecordPlan& record : check.plan.records) check_record(check, record, record.content);
  for (const CardSide& side : check.sides) check_repeated(check, side);
  check_known(check);
  if (check.context.dgis_known && !check.has_given_data()) check_used(check);
}

}  // namespace kpd
