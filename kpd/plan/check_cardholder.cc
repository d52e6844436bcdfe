// Cardholder verification: the CVM list against the AIP, the PIN and the keys (EMV 4.4 Book 3,
// 10.5, C1, C3), and the PIN's tries.
#include <fmt/format.h>

#include <algorithm>

#include "kpd/inspect/dictionary.h"
#include "kpd/plan/application_check.h"

namespace kpd {
namespace {

constexpr std::uint8_t kAipCardholderVerification = 0x10;
constexpr std::size_t kAmounts = 8;  // X and Y, 4 bytes each
constexpr cps::DgiId kPinTriesDgi = 0x9010;

struct Rule {
  std::uint8_t method, condition;
  bool plain_pin() const { return method == 0x01 || method == 0x03; }
  bool enciphered_pin() const { return method == 0x04 || method == 0x05; }
  bool by_amount() const { return condition >= 0x06 && condition <= 0x09; }
};

std::vector<Rule> rules_of(const Bytes& list) {
  std::vector<Rule> rules;
  for (std::size_t i = kAmounts; i + 1 < list.size(); i += 2)
    rules.push_back({static_cast<std::uint8_t>(list[i] & 0x3F), list[i + 1]});
  return rules;
}

template <typename Test>
bool any(const std::vector<Rule>& rules, Test test) {
  return std::any_of(rules.begin(), rules.end(), test);
}

void check_rules(const ApplicationCheck& check, const CheckSubject& subject,
                 const std::vector<Rule>& rules) {
  int number = 0;
  for (const Rule& rule : rules) {
    ++number;
    if (inspect::cvm_text(rule.method).empty())
      check.error(
          subject, "cvm-list",
          fmt::format("rule {} of the CVM list (8E) names method {:02X}, which nobody knows",
                      number, rule.method));
    if (inspect::cvm_condition_text(rule.condition).empty())
      check.error(
          subject, "cvm-list",
          fmt::format("rule {} of the CVM list (8E) names condition {:02X}, which nobody knows",
                      number, rule.condition));
  }
}

void check_pin_methods(const ApplicationCheck& check, const CheckSubject& subject,
                       const std::vector<Rule>& rules) {
  const bool plain = any(rules, [](const Rule& rule) { return rule.plain_pin(); });
  const bool enciphered = any(rules, [](const Rule& rule) { return rule.enciphered_pin(); });
  if ((plain || enciphered) && !check.has_pin() && !check.has_given_data())
    check.error(subject, "cvm-list", "the CVM list (8E) asks for an offline PIN, but there is none",
                "add 'pin' and a DGI with pin: true, or take the method out");
  if (!plain && !enciphered && check.has_pin())
    check.warn(subject, "cvm-list", "no rule of the CVM list (8E) uses the offline PIN");
  // Book 2, 7.1: it is enciphered with the card's PIN key, else with the card's own key.
  if (enciphered && !check.plan.pin_key && !check.plan.icc_key)
    check.error(subject, "cvm-list",
                "the CVM list (8E) asks for an enciphered PIN, but there is no key for it",
                "add 'pin_key' or 'icc_key', or take the method out");
}

/// Whether terminals that read this list find no currency for its amounts.
bool lacks_currency(const ApplicationCheck& check, const ElementPlan& list) {
  if (check.has_given_data()) return false;
  bool read = false;
  for (const CardSide& side : check.sides) {
    if (!side.elements.contains(&list)) continue;
    if (!side.holds(0x9F42)) return true;
    read = true;
  }
  return !read && !check.in_record(0x9F42);
}

void check_amounts(const ApplicationCheck& check, const ElementPlan& list,
                   const std::vector<Rule>& rules) {
  const CheckSubject subject = check.of(list);
  if (!any(rules, [](const Rule& rule) { return rule.by_amount(); })) return;
  if (std::all_of(list.value.begin(), list.value.begin() + kAmounts,
                  [](auto byte) { return byte == 0; }))
    check.warn(subject, "cvm-list",
               "a rule of the CVM list (8E) looks at amounts X or Y, which are zero");
  if (lacks_currency(check, list))
    check.warn(subject, "cvm-list",
               "a rule of the CVM list (8E) looks at amounts, but no record holds 9F42",
               "without the application currency such a rule never applies");
}

void check_list(const ApplicationCheck& check, const ElementPlan& list) {
  const CheckSubject subject = check.of(list);
  if (list.value.size() < kAmounts + 2 || list.value.size() % 2 != 0)
    return check.error(
        subject, "cvm-list",
        fmt::format("a CVM list (8E) has 8 bytes of amounts and 2 bytes a rule, not {} bytes",
                    list.value.size()));
  const std::vector<Rule> rules = rules_of(list.value);
  check_rules(check, subject, rules);
  check_pin_methods(check, subject, rules);
  check_amounts(check, list, rules);
}

/// In short transactions of contactless readers the card chooses the method, not the list.
void check_aip(const ApplicationCheck& check, const CardSide& side) {
  if (side.aip_value.empty() || side.read.empty() || side.is_short) return;
  const CheckSubject subject = check.of_aip(side);
  const bool supported = side.supports(kAipCardholderVerification);
  if (supported && !side.holds(0x8E))
    check.error(subject, "cvm-list",
                "the AIP (82) says that the cardholder is verified, but no record of its AFL holds "
                "a CVM list",
                "add 8E to a record, or clear bit 5 of the AIP's first byte");
  if (!supported && side.holds(0x8E))
    check.warn(subject, "cvm-list", "terminals pass over the CVM list (8E)",
               "set bit 5 of the AIP's first byte");
}

/// Counter and limit: DGI 9010 (EMV CPS 1.1, Annex A) or a data object.
void check_tries(const ApplicationCheck& check) {
  const DgiPlan* dgi = check.plan.find_dgi(kPinTriesDgi);
  const bool placed = check.in_dgi(0x9F17) || check.in_dgi(0xC6);
  if (check.has_pin() && dgi == nullptr && !placed && !check.has_given_data())
    check.warn(check.whole(), "pin-tries", "nothing says how often a PIN may be tried",
               "{dgi: \"9010\", value: \"0303\"}");
  if (dgi != nullptr && !check.has_pin())
    check.warn(check.of(*dgi), "pin-tries", "DGI 9010 counts PIN tries, but there is no PIN");
  if (dgi != nullptr && dgi->kind == DgiPlan::Kind::constant) {
    if (dgi->value.size() != 2)
      check.error(check.of(*dgi), "pin-tries",
                  "DGI 9010 has the PIN try counter and the PIN try limit, a byte each");
    else if (dgi->value[0] == 0 || dgi->value[0] > dgi->value.back())
      check.error(check.of(*dgi), "pin-tries",
                  "the PIN try counter starts within 1 and the PIN try limit");
  }
  const Bytes* counter = check.constant(0x9F17);
  if (counter != nullptr && (*counter)[0] == 0)
    check.error(check.of(*check.element(0x9F17)), "pin-tries",
                "a PIN try counter (9F17) of zero blocks the PIN from the start");
}

}  // namespace

void check_cardholder(const ApplicationCheck& check) {
  for (const ElementPlan& element : check.plan.elements)
    if (element.tag == 0x8E && element.constant && !element.value.empty())
      check_list(check, element);
  if (check.is_emv() && !check.has_given_data())
    for (const CardSide& side : check.sides) check_aip(check, side);
  check_tries(check);
}

}  // namespace kpd
