// Where and how the card may be used: AUC against service code and country (EMV 4.4 Book 3, 10.4.2,
// C2; ISO/IEC 7813), and the issuer action codes (10.7).
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "kpd/plan/application_check.h"

namespace kpd {
namespace {

// AUC byte 1, byte 2 (Book 3, C2).
constexpr std::uint8_t kInternational = 0x54;  // cash, goods, services
constexpr std::uint8_t kInternationalCashback = 0x40;
constexpr std::uint8_t kAtm = 0x02, kElsewhere = 0x01;

/// Whether a rule of the CVM list is a PIN of any kind (Book 3, C3); true when nobody can tell.
bool names_pin(const ApplicationCheck& check) {
  constexpr std::size_t kFirstRule = 8;
  const Bytes* list = check.constant(0x8E);
  if (list == nullptr) return true;
  for (std::size_t i = kFirstRule; i < list->size(); i += 2)
    if (const int method = (*list)[i] & 0x3F; method >= 1 && method <= 5) return true;
  return false;
}

void check_service_code(const ApplicationCheck& check, const Bytes& auc) {
  const Bytes* code = check.constant(0x5F30);
  if (code == nullptr || code->size() != 2) return;
  const CheckSubject subject = check.of(*check.element(0x5F30));
  const int first = (*code)[0] & 0x0F, third = (*code)[1] & 0x0F;
  const bool abroad = (auc[0] & kInternational) != 0 || (auc[1] & kInternationalCashback) != 0;
  if ((first == 5 || first == 6) && abroad)
    check.warn(subject, "service-code",
               "the service code (5F30) keeps the card at home, the AUC (9F07) does not");
  if ((first == 1 || first == 2) && !abroad)
    check.warn(subject, "service-code",
               "the service code (5F30) lets the card abroad, the AUC (9F07) does not");
  if (first == 1 || first == 5)
    check.warn(subject, "service-code", "the service code (5F30) says that the card has no chip",
               "its first digit is 2 (international) or 6 (national)");
  if ((third == 0 || third == 3 || third == 5) && !names_pin(check))
    check.warn(subject, "service-code",
               "the service code (5F30) wants a PIN, but no rule of the CVM list (8E) does");
}

void check_auc(const ApplicationCheck& check) {
  const Bytes* auc = check.constant(0x9F07);
  if (auc == nullptr || auc->size() != 2) return;
  const CheckSubject subject = check.of(*check.element(0x9F07));
  if (((*auc)[0] & (kAtm | kElsewhere)) == 0)
    check.error(subject, "auc",
                "the AUC (9F07) allows the card neither at ATMs nor at other terminals",
                "bits 2 and 1 of its first byte");
  const bool alone = std::ranges::any_of(
      check.sides, [](const CardSide& side) { return side.holds(0x9F07) && !side.holds(0x5F28); });
  if (alone && !check.has_given_data())
    check.warn(subject, "auc",
               "without the issuer's country (5F28) terminals cannot tell home from abroad",
               "add 5F28 to a record");
  check_service_code(check, *auc);
}

/// A code that is not there counts as ones (default, online) or zeros (denial).
void check_action_codes(const ApplicationCheck& check) {
  constexpr std::array<Tag, 3> kCodes{0x9F0D, 0x9F0E, 0x9F0F};
  if (check.has_given_data()) return;
  std::size_t placed = 0;
  for (const Tag tag : kCodes) placed += check.in_record(tag) ? 1 : 0;
  if (placed == 0 || placed == kCodes.size()) return;
  for (const Tag tag : kCodes)
    if (!check.in_record(tag))
      check.warn(check.whole(), "action-codes",
                 fmt::format("no record holds {}: terminals take {} for it", described(tag),
                             tag == 0x9F0E ? "zeros" : "ones"));
}

}  // namespace

void check_usage(const ApplicationCheck& check) {
  if (!check.is_emv()) return;
  check_auc(check);
  check_action_codes(check);
}

}  // namespace kpd
