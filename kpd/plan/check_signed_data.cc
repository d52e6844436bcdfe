// What terminals authenticate: the records that the AFL marks, and tag 82 by 9F4A (EMV 4.4 Book 3,
// 10.2-10.3; Book 2, 5.1).
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "emvcrypto/afl.h"
#include "kpd/plan/application_check.h"

namespace kpd {
namespace {

constexpr Tag kAipTag = 0x82, kAflTag = 0x94;
/// What nobody shall change unseen (Book 2, 5.1.1: recommended static data).
constexpr std::array<Tag, 6> kWorthSigning{0x5A, 0x5F24, 0x8E, 0x9F07, 0x9F0D, 0x9F0F};

bool authenticates(const ApplicationPlan& plan) {
  return plan.sda || plan.icc_key;
}

void check_tag_list(const ApplicationCheck& check) {
  const Bytes* list = check.constant(0x9F4A);
  if (list == nullptr) return;
  const CheckSubject subject = check.of(*check.element(0x9F4A));
  // Book 3, 10.3: any other content makes data authentication fail.
  if (*list != emvcrypto::tag_bytes(kAipTag))
    check.error(subject, "sda-tag-list", "9F4A holds tag 82 and nothing else",
                "value: \"82\", or no 9F4A at all");
  if (!authenticates(check.plan) && check.in_record(0x9F4A))
    check.warn(subject, "sda-tag-list", "9F4A is there, but nothing is authenticated");
}

using Afl = std::vector<emvcrypto::AflEntry>;

bool signs(const Afl& afl) {
  return std::ranges::any_of(afl, [](const auto& entry) { return entry.signed_count > 0; });
}

/// An AFL that the template writes out. Without signed records (an interface that authenticates
/// nothing) it may name those that another AFL marks.
void check_records_of(const ApplicationCheck& check, const CheckSubject& subject, const Afl& afl,
                      bool must_sign) {
  for (const auto& entry : afl)
    for (int number = entry.first; number <= entry.last; ++number) {
      const auto found = std::find_if(check.plan.records.begin(), check.plan.records.end(),
                                      [&](const RecordPlan& record) {
                                        return record.sfi == entry.sfi && record.number == number;
                                      });
      if (found == check.plan.records.end()) {
        if (!check.has_given_data())
          check.error(subject, "afl",
                      fmt::format("the AFL (94) names record {} of file {}, which is not there",
                                  number, entry.sfi),
                      "{compute: afl} makes the AFL of the records");
      } else if ((must_sign || signs(afl)) &&
                 found->is_signed != (number - entry.first < entry.signed_count)) {
        check.error(
            subject, "afl",
            fmt::format("the AFL (94) says that record {} of file {} {} signed, 'records' does not",
                        number, entry.sfi, found->is_signed ? "is not" : "is"),
            "{compute: afl} makes the AFL of the records");
      }
    }
}

void check_left_out(const ApplicationCheck& check, const Afl& afl) {
  for (const RecordPlan& record : check.plan.records)
    if (record.in_afl &&
        std::none_of(afl.begin(), afl.end(), [&](const emvcrypto::AflEntry& entry) {
          return entry.sfi == record.sfi && entry.first <= record.number &&
                 record.number <= entry.last;
        }))
      check.warn(
          check.of(record), "afl",
          fmt::format("no terminal reads record {} of file {}: the AFL (94) does not name it",
                      record.number, record.sfi));
}

void check_afl(const ApplicationCheck& check) {
  const Bytes* value = check.constant(0x94);
  if (value == nullptr) {
    if (const ElementPlan* element = check.element(0x94);
        check.is_emv() && element != nullptr && element->constant && !check.has_given_data())
      check.error(check.of(*element), "afl", "the AFL (94) is empty: there are no records");
    return;
  }
  const auto afl = emvcrypto::parse_afl(*value);
  if (!afl)
    return check.error(check.of(*check.element(0x94)), "afl",
                       "the AFL (94) is wrong: " + afl.error().reason);
  check_records_of(check, check.of(*check.element(0x94)), *afl, true);
  check_left_out(check, *afl);
}

/// The records that an AFL marks, in its order.
std::vector<std::pair<int, int>> marked(const Afl& afl) {
  std::vector<std::pair<int, int>> records;
  for (const auto& entry : afl)
    for (int i = 0; i < entry.signed_count; ++i) records.emplace_back(entry.sfi, entry.first + i);
  return records;
}

void tell_other_marks(const ApplicationCheck& check, const CheckSubject& subject) {
  check.error(
      subject, "afl",
      "this AFL (94) marks other records, or in another order, than the application's other "
      "AFL: one certificate cannot be of both");
}

/// AFLs that are written where they stand: one certificate serves all interfaces, so what they mark
/// is the same, in the same order.
void check_other_afls(const ApplicationCheck& check) {
  const Bytes* first = check.constant(kAflTag);
  for (const ElementPlan& element : check.plan.elements) {
    if (element.tag != kAflTag || !element.only_here || !element.constant) continue;
    const CheckSubject subject = check.of(element);
    const auto afl = emvcrypto::parse_afl(element.value);
    if (!afl) {
      check.error(subject, "afl", "the AFL (94) is wrong: " + afl.error().reason);
      continue;
    }
    check_records_of(check, subject, *afl, false);
    if (!authenticates(check.plan) || !signs(*afl)) continue;
    const auto other =
        first != nullptr ? emvcrypto::parse_afl(*first) : emvcrypto::Expected<Afl>(Afl{});
    if (other && signs(*other) && marked(*other) != marked(*afl)) tell_other_marks(check, subject);
    if (first == nullptr) first = &element.value;
  }
}

/// The same for AFLs in a DGI without tags.
void check_untagged_afls(const ApplicationCheck& check) {
  const Afl* first = nullptr;
  for (const CardSide& side : check.sides) {
    if (side.afl == nullptr) check_records_of(check, check.of_afl(side), side.read, false);
    if (!authenticates(check.plan) || !signs(side.read)) continue;
    if (first != nullptr && side.afl == nullptr && marked(*first) != marked(side.read))
      tell_other_marks(check, check.of_afl(side));
    if (first == nullptr) first = &side.read;
  }
}

/// Files 11 to 30 are of payment systems and issuers (Book 3, 5.3): terminals need not know them.
void check_files(const ApplicationCheck& check) {
  constexpr std::uint8_t kLastFile = 10;
  if (!check.is_emv()) return;
  for (const RecordPlan& record : check.plan.records)
    if (record.in_afl && record.sfi > kLastFile)
      check.warn(check.of(record), "afl",
                 fmt::format("the AFL names a record of file {}; EMV has records in files 1 to 10",
                             record.sfi),
                 "afl: false, for a record that terminals do not read");
}

void check_signed_flags(const ApplicationCheck& check) {
  const auto& records = check.plan.records;
  const auto first = std::find_if(records.begin(), records.end(),
                                  [](const RecordPlan& record) { return record.is_signed; });
  if (!authenticates(check.plan)) {
    if (first != records.end())
      check.warn(check.of(*first), "signed-records",
                 "a record is signed, but 'authentication' is none");
    return;
  }
  if (check.has_given_data()) return;
  if (first == records.end())
    return check.warn(check.whole(), "signed-records", "no record is signed",
                      "signed: true, for the records with the card's static data");
  std::set<Tag> all, covered;
  for (const RecordPlan& record : records)
    collect_tags(record.content, record.is_signed ? covered : all);
  for (const Tag tag : kWorthSigning)
    if (all.contains(tag) && !covered.contains(tag))
      check.warn(check.of(*check.any_element(tag)), "signed-records",
                 described(tag) + " stands in no signed record: it can be changed unseen");
}

}  // namespace

void check_signed_data(const ApplicationCheck& check) {
  check_tag_list(check);
  check_afl(check);
  check_other_afls(check);
  check_untagged_afls(check);
  check_files(check);
  check_signed_flags(check);
}

}  // namespace kpd
