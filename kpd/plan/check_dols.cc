// Data object lists: whether somebody knows what they ask for (EMV 4.4 Book 3, 5.4), and what they
// must ask for.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "emvcrypto/tags.h"
#include "kpd/plan/application_check.h"
#include "kpd/plan/tag_sources.h"

namespace kpd {
namespace {

using Entries = std::vector<emvcrypto::DolEntry>;

struct Dol {
  Tag tag;
  std::string_view name;
};
constexpr Dol kPdol{0x9F38, "PDOL (9F38)"}, kCdol1{0x8C, "CDOL1 (8C)"}, kCdol2{0x8D, "CDOL2 (8D)"},
    kDdol{0x9F49, "DDOL (9F49)"}, kTdol{0x97, "TDOL (97)"};

bool asks_for(const Entries& entries, Tag tag) {
  return std::any_of(entries.begin(), entries.end(),
                     [&](const emvcrypto::DolEntry& entry) { return entry.tag == tag; });
}

/// Lists that terminals of one interface read, and what else they read there.
struct Surroundings {
  std::set<const ElementPlan*> elements;
  const std::set<Tag>& tags;
  bool cda = false;
};

/// One of them, as it is written.
struct List {
  const Dol& dol;
  const ElementPlan& element;
  Entries entries = {};
};

void check_source(const ApplicationCheck& check, const List& list, const std::set<Tag>& readable,
                  Tag tag) {
  const CheckSubject subject = check.of(list.element);
  const Dol& dol = list.dol;
  const TagSource source = tag_source(tag);
  if (source == TagSource::terminal || source == TagSource::either ||
      source == TagSource::response || is_private(tag))
    return;
  if (dol.tag == kPdol.tag)  // nothing of the card is read yet (Book 3, 10.1)
    return check.error(
        subject, "dol",
        fmt::format("the {} asks for {}, which only the card has", dol.name, described(tag)));
  if (readable.contains(tag) || check.in_dgi(tag) || check.has_given_data()) return;
  if (source == TagSource::unknown)
    return check.warn(
        subject, "dol",
        fmt::format("{} asks for {}, which no terminal knows", dol.name, emvcrypto::tag_name(tag)),
        "it sends zeros");
  check.error(subject, "dol",
              fmt::format("{} asks for {}, which the card does not have{}", dol.name,
                          described(tag), check.in_record(tag) ? " on this interface" : ""),
              "place it in a record, or take it out of the list");
}

void check_entry(const ApplicationCheck& check, const List& list, const std::set<Tag>& readable,
                 const emvcrypto::DolEntry& entry) {
  check_source(check, list, readable, entry.tag);
  const emvcrypto::TagInfo* info = emvcrypto::find_tag_info(entry.tag);
  if (info == nullptr || (entry.length >= info->min_length && entry.length <= info->max_length))
    return;
  check.warn(check.of(list.element), "dol-length",
             fmt::format("{} asks for {} bytes of {}, which has {} to {}", list.dol.name,
                         entry.length, described(entry.tag), info->min_length, info->max_length),
             "the terminal cuts or pads it");
}

/// The entries of a list that the template writes out.
std::optional<List> read(const ApplicationCheck& check, const Dol& dol, const ElementPlan& element,
                         const std::set<Tag>& readable) {
  List list{dol, element};
  auto entries = emvcrypto::parse_dol(element.value);
  if (!entries) {
    check.error(check.of(element), "dol",
                fmt::format("{} is not a list of tags and lengths", dol.name));
    return std::nullopt;
  }
  list.entries = *std::move(entries);
  std::set<Tag> seen;
  for (const emvcrypto::DolEntry& entry : list.entries) {
    check_entry(check, list, readable, entry);
    if (!seen.insert(entry.tag).second)
      check.warn(check.of(element), "dol",
                 fmt::format("{} asks for {} twice", dol.name, described(entry.tag)));
  }
  return list;
}

bool is_written_out(const ElementPlan& element, Tag tag) {
  return element.tag == tag && element.constant && !element.value.empty();
}

std::optional<List> find(const ApplicationCheck& check, const Dol& dol, const Surroundings& side) {
  for (const ElementPlan* element : side.elements)
    if (is_written_out(*element, dol.tag)) return read(check, dol, *element, side.tags);
  return std::nullopt;
}

bool lacks(const std::optional<List>& list, Tag tag) {
  return list && !asks_for(list->entries, tag);
}

void must_ask(const ApplicationCheck& check, const std::optional<List>& list, Tag tag,
              const char* why) {
  if (lacks(list, tag))
    check.error(check.of(list->element), "dol",
                fmt::format("{} lacks {}, {}", list->dol.name, described(tag), why));
}

/// The hash of a transaction by the TDOL (Book 3, 9.2.2).
void check_hash(const ApplicationCheck& check, const std::optional<List>& cdol1,
                const std::optional<List>& cdol2, const std::optional<List>& tdol) {
  const bool asked =
      (cdol1 && asks_for(cdol1->entries, 0x98)) || (cdol2 && asks_for(cdol2->entries, 0x98));
  if (cdol1 && asks_for(cdol1->entries, 0x98) && !tdol)
    check.warn(check.of(cdol1->element), "dol",
               "CDOL1 (8C) asks for 98 (TC hash value), but there is no TDOL (97)");
  if (tdol && !asked)
    check.warn(check.of(tdol->element), "dol",
               "TDOL (97) is there, but no CDOL asks for 98 (TC hash value)");
}

void check_lists(const ApplicationCheck& check, const Surroundings& side) {
  const auto cdol1 = find(check, kCdol1, side), cdol2 = find(check, kCdol2, side),
             ddol = find(check, kDdol, side), tdol = find(check, kTdol, side);
  // Usual, but not mandatory: an issuer's cryptogram may tell its decision by itself.
  if (lacks(cdol2, 0x8A))
    check.warn(check.of(cdol2->element), "dol",
               fmt::format("CDOL2 (8D) lacks {}, by which the issuer's decision reaches the chip",
                           described(0x8A)),
               "needless where the issuer authentication data (91) tell it");
  // Book 2, 6.5.1 and 6.6: without it signatures could be replayed.
  must_ask(check, ddol, 0x9F37, "so that every signature is a new one");
  if (side.cda) {
    must_ask(check, cdol1, 0x9F37, "which CDA signs");
    must_ask(check, cdol2, 0x9F37, "which CDA signs");
  }
  check_hash(check, cdol1, cdol2, tdol);
}

/// The lists that no side reads (as long as a template is being written): with all there is.
Surroundings unread(const ApplicationCheck& check) {
  Surroundings rest{{}, check.record_tags};
  for (const ElementPlan& element : check.plan.elements)
    if (std::ranges::none_of(
            check.sides, [&](const CardSide& side) { return side.elements.contains(&element); }))
      rest.elements.insert(&element);
  return rest;
}

}  // namespace

void check_dols(const ApplicationCheck& check) {
  constexpr std::uint8_t kAipCda = 0x01;
  if (!check.is_emv()) return;
  for (const ElementPlan& element : check.plan.elements)
    if (is_written_out(element, kPdol.tag)) read(check, kPdol, element, {});
  // In short transactions no list but the PDOL is used.
  for (const CardSide& side : check.sides)
    if (!side.is_short) check_lists(check, {side.elements, side.tags, side.supports(kAipCda)});
  check_lists(check, unread(check));
  if (check.plan.icc_key && check.any_element(kDdol.tag) == nullptr &&
      !check.is_short_contactless())
    check.warn(check.whole(), "dol", "no DDOL (9F49): each terminal uses its own for DDA",
               "\"9F49\": {dol: [\"9F37:4\"]}");
}

}  // namespace kpd
