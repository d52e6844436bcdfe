// Offline data authentication: AIP, key lengths and the data that terminals need for it (EMV 4.4
// Book 2, 5-6; Book 3, C1).
#include <fmt/format.h>

#include "kpd/plan/application_check.h"

namespace kpd {
namespace {

// AIP byte 1 (Book 3, C1).
constexpr std::uint8_t kAipSda = 0x40;
constexpr std::uint8_t kAipDda = 0x20;
constexpr std::uint8_t kAipIssuerAuthentication = 0x04;
constexpr std::uint8_t kAipCda = 0x01;
// A CDA answer in template 77 must fit 256 bytes (Book 2, D2.3).
constexpr std::size_t kLongestCdaKey = 205;
// A certificate fits one record of 254 bytes: 70 81 FB, 90 81 F8 (Book 2, D1).
constexpr std::size_t kLongestCertificate = 248;

/// An AIP, and where it is written.
struct WrittenAip {
  CheckSubject subject;
  Bytes value;
};

/// AIPs other than that of 'elements': by their tag in any one place, or without tags.
std::vector<WrittenAip> other_aips(const ApplicationCheck& check) {
  std::vector<WrittenAip> all;
  for (const ElementPlan& element : check.plan.elements)
    if (element.tag == 0x82 && element.only_here && element.constant && !element.value.empty())
      all.push_back({check.of(element), element.value});
  for (const CardSide& side : check.sides)
    if (side.aip == nullptr && !side.aip_value.empty())
      all.push_back({check.of_aip(side), side.aip_value});
  return all;
}

/// What they promise is there, and when the AIP is among the signed data (Book 3, 10.3) all are
/// one.
void check_other_aips(const ApplicationCheck& check) {
  const ApplicationPlan& plan = check.plan;
  const std::vector<WrittenAip> others = other_aips(check);
  const Bytes* first = check.constant(0x82);
  for (const WrittenAip& aip : others) {
    const std::uint8_t bits = aip.value[0];
    if (((bits & kAipSda) != 0 && !plan.sda) ||
        ((bits & (kAipDda | kAipCda)) != 0 && !plan.icc_key))
      check.error(aip.subject, "aip",
                  "this AIP (82) promises a data authentication that 'authentication' does not "
                  "make");
    if (first == nullptr) first = &aip.value;
    if ((plan.sda || plan.icc_key) && check.in_record(0x9F4A) && *first != aip.value)
      check.error(
          aip.subject, "aip",
          "the AIP is signed (9F4A), and this one (82) differs from the application's other "
          "AIP: one certificate cannot be of both",
          "take 9F4A out, or make the AIPs one");
  }
}

void check_aip(const ApplicationCheck& check) {
  const ApplicationPlan& plan = check.plan;
  const Bytes* aip = check.constant(0x82);
  if (aip == nullptr || aip->size() != 2) return;
  const CheckSubject subject = check.of(*check.element(0x82));
  const std::uint8_t bits = (*aip)[0];
  if (((bits & kAipSda) != 0) != plan.sda)
    check.error(subject, "aip", "the AIP (82) and 'authentication' disagree about SDA",
                plan.sda ? "set bit 7 of its first byte" : "clear bit 7 of its first byte");
  if (((bits & (kAipDda | kAipCda)) != 0) != plan.icc_key.has_value())
    check.error(subject, "aip", "the AIP (82) and 'authentication' disagree about DDA or CDA",
                plan.icc_key ? "set bit 6 or bit 1 of its first byte"
                             : "clear bits 6 and 1 of its first byte");
  if ((bits & kAipCda) != 0 && plan.icc_key && plan.icc_key->bits / 8 > kLongestCdaKey)
    check.error(subject, "key-length",
                fmt::format("a card key for CDA has at most {} bits", kLongestCdaKey * 8));
  // The issuer's answer reaches the chip by EXTERNAL AUTHENTICATE or by CDOL2 (Book 3, 10.9).
  const Bytes* cdol2 = check.constant(0x8D);
  const auto entries = cdol2 != nullptr ? emvcrypto::parse_dol(*cdol2) : std::nullopt;
  if ((bits & kAipIssuerAuthentication) != 0 || !entries) return;
  for (const emvcrypto::DolEntry& entry : *entries)
    if (entry.tag == 0x91) return;
  check.warn(subject, "issuer-authentication", "nothing brings the issuer's cryptogram to the chip",
             "set bit 3 of the AIP's first byte, or ask for 91 in CDOL2 (8D)");
}

std::vector<Tag> needed_tags(const ApplicationCheck& check) {
  const ApplicationPlan& plan = check.plan;
  std::vector<Tag> needed;
  if (plan.sda || plan.icc_key) needed = {0x8F, 0x90, 0x9F32};
  if (plan.sda) needed.push_back(0x93);
  if (plan.icc_key) needed.insert(needed.end(), {0x9F46, 0x9F47});
  if (plan.pin_key) needed.insert(needed.end(), {0x9F2D, 0x9F2E});
  if (const IssuerPlan* issuer = check.context.issuer) {
    if (!needed.empty() && !issuer->remainder.empty()) needed.push_back(0x92);
    if (plan.icc_key && has_remainder(*plan.icc_key, *issuer)) needed.push_back(0x9F48);
    if (plan.pin_key && has_remainder(*plan.pin_key, *issuer)) needed.push_back(0x9F2F);
  }
  return needed;
}

void check_key_lengths(const ApplicationCheck& check) {
  const IssuerPlan* issuer = check.context.issuer;
  if (issuer == nullptr || (!check.plan.sda && !check.plan.icc_key)) return;
  if (issuer->key.size() > kLongestCertificate)
    check.error(
        check.whole(), "key-length",
        fmt::format("what a key of {} bits signs does not fit a record", issuer->key.size() * 8),
        fmt::format("an issuer's key has at most {} bits", kLongestCertificate * 8));
  if (issuer->certificate.size() > kLongestCertificate)
    check.error(check.whole(), "key-length",
                fmt::format("the issuer's certificate of {} bytes does not fit a record",
                            issuer->certificate.size()));
}

}  // namespace

void check_authentication(const ApplicationCheck& check) {
  check_aip(check);
  check_other_aips(check);
  check_key_lengths(check);
  if (check.has_given_data()) return;
  for (const Tag tag : needed_tags(check))
    if (!check.in_record(tag))
      check.error(
          check.whole(), "missing-element",
          fmt::format("no record holds {}, which data authentication needs", described(tag)),
          "name it in the content of a record");
}

}  // namespace kpd
