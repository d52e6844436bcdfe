#include "kpd/tester/terminal_data.h"

#include "emvcrypto/tags.h"
#include "kpd/tester/tag_names.h"

namespace kpd::tester {
namespace {

using emvcrypto::Bytes;
using emvcrypto::ByteView;
using emvcrypto::Tag;

Bytes number(std::uint64_t value, std::size_t width) {
  return emvcrypto::numeric(std::to_string(value), width);
}

Bytes binary(std::uint64_t value, std::size_t width) {
  Bytes bytes;
  emvcrypto::append_number(bytes, value, width);
  return bytes;
}

}  // namespace

TerminalData::TerminalData(const TerminalProfile& profile) {
  set(tags::kAmount, number(profile.amount, 6));
  set(tags::kAmountOther, number(profile.amount_other, 6));
  set(tags::kTerminalCountry, number(profile.country, 2));
  set(tags::kCurrency, number(profile.currency, 2));
  set(tags::kTvr, {profile.tvr.begin(), profile.tvr.end()});
  set(tags::kDate, emvcrypto::from_hex(profile.date.yymmdd()));
  set(tags::kTime, number(120000, 3));
  set(tags::kTransactionType, {profile.transaction_type});
  set(tags::kTerminalType, {profile.type});
  set(tags::kCapabilities, {profile.capabilities.begin(), profile.capabilities.end()});
  set(tags::kMoreCapabilities,
      {profile.additional_capabilities.begin(), profile.additional_capabilities.end()});
  set(tags::kFloorLimit, binary(profile.floor_limit, 4));
  set(tags::kCvmResults, {0x3F, 0x00, 0x00});
}

const Bytes* TerminalData::find(Tag tag) const {
  const auto found = objects_.find(tag);
  return found == objects_.end() ? nullptr : &found->second;
}

void TerminalData::raise(TvrBit bit) {
  auto& byte = objects_.at(tags::kTvr).front();
  byte = static_cast<std::uint8_t>(byte | static_cast<std::uint8_t>(bit));
}

std::vector<SentValue> TerminalData::fill(std::span<const emvcrypto::DolEntry> dol,
                                          const CardData& card) const {
  std::vector<SentValue> values;
  for (const auto& entry : dol) {
    const Bytes* value = find(entry.tag);
    if (!value) value = card.find(entry.tag);
    values.push_back(
        {entry.tag, value ? fitted(entry.tag, *value, entry.length) : Bytes(entry.length)});
  }
  return values;
}

Bytes joined(std::span<const SentValue> values) {
  Bytes all;
  for (const SentValue& value : values) emvcrypto::append(all, value.value);
  return all;
}

Bytes fitted(Tag tag, ByteView value, std::size_t length) {
  const auto* info = emvcrypto::find_tag_info(tag);
  const auto format = info ? info->format : emvcrypto::Format::binary;
  const bool is_numeric = format == emvcrypto::Format::numeric;
  if (value.size() >= length) {
    const ByteView kept = is_numeric ? value.last(length) : value.first(length);
    return {kept.begin(), kept.end()};
  }
  const std::size_t missing = length - value.size();
  if (is_numeric) return emvcrypto::concat({Bytes(missing), value});
  const std::uint8_t fill = format == emvcrypto::Format::compressed_numeric ? 0xFF : 0x00;
  return emvcrypto::concat({value, Bytes(missing, fill)});
}

}  // namespace kpd::tester
