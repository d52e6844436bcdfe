#include "kpd/plan/card_sides.h"

#include <algorithm>
#include <array>

namespace kpd {
namespace {

constexpr Tag kAip = 0x82, kAfl = 0x94;
constexpr std::size_t kAipSize = 2;
constexpr std::array<cps::DgiId, 2> kUntagged{0xA005, 0xB005};

/// Each element of a content, and of the templates in it.
template <typename Use>
void for_each_element(const ApplicationPlan& plan, const std::vector<TlvPlan>& content, Use use) {
  for (const TlvPlan& item : content) {
    if (item.element) use(plan.elements[*item.element]);
    for_each_element(plan, item.children, use);
  }
}

void read_afl(CardSide& side, ByteView afl) {
  if (auto entries = emvcrypto::parse_afl(afl)) side.read = *std::move(entries);
}

void find_records(CardSide& side, const ApplicationPlan& plan) {
  for (const auto& entry : side.read)
    for (int number = entry.first; number <= entry.last; ++number)
      for (const RecordPlan& record : plan.records)
        if (record.sfi == entry.sfi && record.number == number) side.records.push_back(&record);
  for (const RecordPlan* record : side.records)
    for_each_element(plan, record->content, [&](const ElementPlan& element) {
      side.tags.insert(element.tag);
      side.elements.insert(&element);
    });
}

void take(CardSide& side, const ElementPlan& element) {
  if (!element.constant) return;
  if (element.tag == kAip) {
    side.aip = &element;
    side.aip_value = element.value;
  } else if (element.tag == kAfl) {
    side.afl = &element;
    read_afl(side, element.value);
  }
}

/// AIP and AFL one after the other; nothing when a part of them is no constant.
std::optional<Bytes> untagged(const ApplicationPlan& plan, const DgiPlan& dgi) {
  if (std::ranges::find(kUntagged, dgi.id) == kUntagged.end()) return std::nullopt;
  if (dgi.kind == DgiPlan::Kind::constant) return dgi.value;
  if (dgi.kind != DgiPlan::Kind::raw) return std::nullopt;
  Bytes all;
  bool known = true;
  for_each_element(plan, dgi.content, [&](const ElementPlan& element) {
    known = known && element.constant;
    emvcrypto::append(all, element.value);
  });
  if (!known) return std::nullopt;
  return all;
}

std::optional<CardSide> side_of(const ApplicationPlan& plan, const DgiPlan& dgi) {
  CardSide side;
  side.response = &dgi;
  bool has_afl = false;
  for_each_element(plan, dgi.content, [&](const ElementPlan& element) {
    has_afl = has_afl || element.tag == kAfl;
    side.is_short = side.is_short || (element.tag != kAfl && element.tag != kAip);
    take(side, element);
  });
  if (has_afl) return side;
  const auto bytes = untagged(plan, dgi);
  if (!bytes || bytes->size() < kAipSize) return std::nullopt;
  side.is_short = false;
  side.aip_value.assign(bytes->begin(), bytes->begin() + kAipSize);
  read_afl(side, ByteView(*bytes).subspan(kAipSize));
  return side;
}

}  // namespace

std::vector<CardSide> card_sides(const ApplicationPlan& plan) {
  std::vector<CardSide> sides;
  for (const DgiPlan& dgi : plan.dgis)
    if (dgi.kind != DgiPlan::Kind::record)
      if (auto side = side_of(plan, dgi)) sides.push_back(*std::move(side));
  if (sides.empty()) {
    CardSide side;
    for (const ElementPlan& element : plan.elements)
      if (!element.only_here) take(side, element);
    sides.push_back(std::move(side));
  }
  for (CardSide& side : sides) find_records(side, plan);
  return sides;
}

}  // namespace kpd
