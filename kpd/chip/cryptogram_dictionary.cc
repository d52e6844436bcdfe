#include "kpd/chip/cryptogram_dictionary.h"

namespace kpd::chip {
namespace {

constexpr auto kOne = ArpcRule::method_1;
constexpr auto kTwo = ArpcRule::method_2;

// layout, number, key, padded with zeros, whole 9F10, counters, ARPC, ARPC by the master key
constexpr std::array<CryptogramRule, 7> kRules{{
    {IadLayout::cvr4, 0x0A, AcKeyRule::master, true, false, false, kOne, true},
    {IadLayout::cvr4, 0x12, AcKeyRule::counter, false, true, false, kTwo, false},
    {IadLayout::cvr5, 0xA5, AcKeyRule::counter, false, true, false, kTwo, false},
    {IadLayout::cvr6, 0x10, AcKeyRule::counter_and_unknown, false, false, false, kOne, true},
    {IadLayout::cvr6, 0x11, AcKeyRule::counter_and_unknown, false, false, true, kOne, true},
    {IadLayout::cvr6, 0x14, AcKeyRule::counter, false, false, false, kOne, false},
    {IadLayout::cvr6, 0x15, AcKeyRule::counter, false, false, true, kOne, false},
}};

constexpr std::size_t kCounters = 8;
constexpr std::size_t kLongestIad = 32;

}  // namespace

const CryptogramRule* find_rule(IadLayout layout, std::uint8_t number) {
  for (const CryptogramRule& rule : kRules)
    if (rule.layout == layout && rule.number == number) return &rule;
  return nullptr;
}

IadShape shape_of(IadLayout layout) {
  switch (layout) {
    case IadLayout::cvr4:
      return {2, 3, 4, 0};
    case IadLayout::cvr5:
      return {1, 3, 5, 8};
    default:
      return {1, 2, 6, 10};
  }
}

bool is_issuer_data(IadLayout layout, ByteView value) {
  const IadShape shape = shape_of(layout);
  if (value.size() < shape.cvr_at + shape.cvr_length || value.size() > kLongestIad) return false;
  if (layout == IadLayout::cvr4 && (value[0] != 0x06 || value[3] != 0x03)) return false;
  if (layout == IadLayout::cvr5 &&
      (value.size() != kLongestIad || value[0] != 0x0F || value[16] != 0x0F))
    return false;
  const CryptogramRule* rule = find_rule(layout, value[shape.number_at]);
  return rule != nullptr && (!rule->with_counters || value.size() >= shape.counters_at + kCounters);
}

}  // namespace kpd::chip
