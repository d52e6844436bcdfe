#include "kpd/chip/cryptogram_dictionary.h"

namespace kpd::chip {
namespace {

constexpr std::array<CryptogramRule, 6> kRules{{
    {IadLayout::cvr4, 0x0A, AcKeyRule::master, true, false, ArpcRule::method_1},
    {IadLayout::cvr4, 0x12, AcKeyRule::counter, false, true, ArpcRule::method_2},
    {IadLayout::cvr6, 0x10, AcKeyRule::counter_and_unknown, false, false, ArpcRule::method_1},
    {IadLayout::cvr6, 0x11, AcKeyRule::counter_and_unknown, false, false, ArpcRule::method_1},
    {IadLayout::cvr6, 0x14, AcKeyRule::counter, false, false, ArpcRule::method_1},
    {IadLayout::cvr6, 0x15, AcKeyRule::counter, false, false, ArpcRule::method_1},
}};

constexpr std::size_t kLongestIad = 32;

}  // namespace

const CryptogramRule* find_rule(IadLayout layout, std::uint8_t number) {
  for (const CryptogramRule& rule : kRules)
    if (rule.layout == layout && rule.number == number) return &rule;
  return nullptr;
}

IadShape shape_of(IadLayout layout) {
  return layout == IadLayout::cvr4 ? IadShape{2, 3, 4} : IadShape{1, 2, 6};
}

bool is_issuer_data(IadLayout layout, ByteView value) {
  const IadShape shape = shape_of(layout);
  if (value.size() < shape.cvr_at + shape.cvr_length || value.size() > kLongestIad) return false;
  if (layout == IadLayout::cvr4 && (value[0] != 0x06 || value[3] != 0x03)) return false;
  return find_rule(layout, value[shape.number_at]) != nullptr;
}

}  // namespace kpd::chip
