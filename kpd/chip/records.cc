#include "kpd/chip/records.h"

namespace kpd::chip {
namespace {

constexpr std::size_t kLongestRecord = 254;
constexpr std::uint8_t kLastEmvSfi = 10;
constexpr std::uint8_t kLastSfi = 30;

bool is_one_template_70(ByteView value) {
  if (!emvcrypto::parse_tlv_tree(value)) return false;
  const auto object = emvcrypto::next_tlv(value);
  return object && object->tag == 0x70 && value.empty();
}

}  // namespace

bool Records::names_record(std::uint16_t dgi) {
  const int sfi = dgi >> 8;
  return sfi >= 1 && sfi <= kLastSfi && (dgi & 0xFF) != 0;
}

Status Records::load(std::uint16_t dgi, ByteView value) {
  if (value.empty() || value.size() > kLongestRecord) return sw::wrong_data;
  if (dgi >> 8 <= kLastEmvSfi && !is_one_template_70(value)) return sw::wrong_data;
  records_[dgi] = Bytes(value.begin(), value.end());
  return sw::ok;
}

const Bytes* Records::find(std::uint8_t sfi, std::uint8_t number) const {
  const auto found = records_.find(static_cast<std::uint16_t>(sfi << 8 | number));
  return found == records_.end() ? nullptr : &found->second;
}

std::optional<ByteView> Records::find_object(emvcrypto::Tag tag) const {
  for (const auto& [id, value] : records_) {
    if (id >> 8 > kLastEmvSfi) break;
    if (const auto found = emvcrypto::find_tlv(value, tag)) return found;
  }
  return std::nullopt;
}

Answer Records::read(const Command& command) const {
  const auto sfi = static_cast<std::uint8_t>(command.p2 >> 3);
  if ((command.p2 & 0x07) != 0x04 || sfi == 0 || sfi > kLastSfi) return sw::wrong_parameters;
  if (!command.data.empty()) return sw::wrong_length;
  if (const Bytes* record = find(sfi, command.p1)) return Answer(*record);
  return has_file(sfi) ? sw::record_not_found : sw::not_found;
}

bool Records::has_file(std::uint8_t sfi) const {
  const auto first = records_.lower_bound(static_cast<std::uint16_t>(sfi << 8));
  return first != records_.end() && first->first >> 8 == sfi;
}

}  // namespace kpd::chip
