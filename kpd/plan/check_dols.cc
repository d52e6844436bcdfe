// Data object lists: whether somebody knows what they ask for (EMV 4.4 Book 3, 5.4), and what they
// must ask for.
#include <fmt/format.h>

#include <algorithm>

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

void check_source(const ApplicationCheck& check, const Dol& dol, Tag tag) {
  const CheckSubject subject = check.of(*check.element(dol.tag));
  const TagSource source = tag_source(tag);
  if (source == TagSource::terminal || source == TagSource::either ||
      source == TagSource::response || is_private(tag))
    return;
  if (dol.tag == kPdol.tag)  // nothing of the card is read yet (Book 3, 10.1)
    return check.error(
        subject, "dol",
        fmt::format("the {} asks for {}, which only the card has", dol.name, described(tag)));
  if (check.in_record(tag) || check.in_dgi(tag) || check.has_given_data()) return;
  if (source == TagSource::unknown)
    return check.warn(
        subject, "dol",
        fmt::format("{} asks for {}, which no terminal knows", dol.name, emvcrypto::tag_name(tag)),
        "it sends zeros");
  check.error(subject, "dol",
              fmt::format("{} asks for {}, which the card does not have", dol.name, described(tag)),
              "place it in a record, or take it out of the list");
}

void check_entry(const ApplicationCheck& check, const Dol& dol, const emvcrypto::DolEntry& entry) {
  check_source(check, dol, entry.tag);
  const emvcrypto::TagInfo* info = emvcrypto::find_tag_info(entry.tag);
  if (info == nullptr || (entry.length >= info->min_length && entry.length <= info->max_length))
    return;
  check.warn(check.of(*check.element(dol.tag)), "dol-length",
             fmt::format("{} asks for {} bytes of {}, which has {} to {}", dol.name, entry.length,
                         described(entry.tag), info->min_length, info->max_length),
             "the terminal cuts or pads it");
}

/// The entries of a list that the template writes out.
std::optional<Entries> read(const ApplicationCheck& check, const Dol& dol) {
  const Bytes* value = check.constant(dol.tag);
  if (value == nullptr) return std::nullopt;
  const CheckSubject subject = check.of(*check.element(dol.tag));
  const auto entries = emvcrypto::parse_dol(*value);
  if (!entries) {
    check.error(subject, "dol", fmt::format("{} is not a list of tags and lengths", dol.name));
    return std::nullopt;
  }
  std::set<Tag> seen;
  for (const emvcrypto::DolEntry& entry : *entries) {
    check_entry(check, dol, entry);
    if (!seen.insert(entry.tag).second)
      check.warn(subject, "dol",
                 fmt::format("{} asks for {} twice", dol.name, described(entry.tag)));
  }
  return entries;
}

void must_ask(const ApplicationCheck& check, const Dol& dol, const std::optional<Entries>& entries,
              Tag tag, const char* why) {
  if (entries && !asks_for(*entries, tag))
    check.error(check.of(*check.element(dol.tag)), "dol",
                fmt::format("{} lacks {}, {}", dol.name, described(tag), why));
}

}  // namespace

void check_dols(const ApplicationCheck& check) {
  if (!check.is_emv()) return;
  const ApplicationPlan& plan = check.plan;
  read(check, kPdol);
  const auto cdol1 = read(check, kCdol1), cdol2 = read(check, kCdol2), ddol = read(check, kDdol),
             tdol = read(check, kTdol);
  must_ask(check, kCdol2, cdol2, 0x8A, "by which the issuer's decision reaches the chip");
  // Book 2, 6.5.1 and 6.6: without it signatures could be replayed.
  must_ask(check, kDdol, ddol, 0x9F37, "so that every signature is a new one");
  const Bytes* aip = check.constant(0x82);
  if (aip != nullptr && ((*aip)[0] & 0x01) != 0) {
    must_ask(check, kCdol1, cdol1, 0x9F37, "which CDA signs");
    must_ask(check, kCdol2, cdol2, 0x9F37, "which CDA signs");
  }
  if (plan.icc_key && !check.element(kDdol.tag) && !check.is_short_contactless())
    check.warn(check.whole(), "dol", "no DDOL (9F49): each terminal uses its own for DDA",
               "\"9F49\": {dol: [\"9F37:4\"]}");
  if (cdol1 && asks_for(*cdol1, 0x98) && !tdol)
    check.warn(check.of(*check.element(kCdol1.tag)), "dol",
               "CDOL1 (8C) asks for 98 (TC hash value), but there is no TDOL (97)");
  if (tdol && !(cdol1 && asks_for(*cdol1, 0x98)) && !(cdol2 && asks_for(*cdol2, 0x98)))
    check.warn(check.of(*check.element(kTdol.tag)), "dol",
               "TDOL (97) is there, but no CDOL asks for 98 (TC hash value)");
}

}  // namespace kpd
