/// What the issuer security domain tells about itself and the card.
#include <algorithm>
#include <array>

#include "kpd/chip/card_manager.h"

namespace kpd::chip {
namespace {

using emvcrypto::append_tlv;
using emvcrypto::make_tlv;

/// {iso(1) member-body(2) country-USA(840) GlobalPlatform(114283)}, before the arcs of each use.
constexpr std::uint8_t kGlobalPlatform[] = {0x2A, 0x86, 0x48, 0x86, 0xFC, 0x6B};

Bytes object_identifier(std::initializer_list<std::uint8_t> arcs) {
  Bytes value(std::begin(kGlobalPlatform), std::end(kGlobalPlatform));
  value.insert(value.end(), arcs);
  return make_tlv(0x06, value);
}

/// Protocol and option i.
std::array<std::uint8_t, 2> protocol_of(const Scp& scp) {
  if (const auto* option = std::get_if<Scp03Option>(&scp))
    return {0x03, static_cast<std::uint8_t>(*option)};
  return {0x02, static_cast<std::uint8_t>(std::get<Scp02Option>(scp))};
}

}  // namespace

Answer CardManager::select() const {
  Bytes most;
  emvcrypto::append_number(most, config_.max_command_data, 1);
  Bytes inner = make_tlv(0x84, aid());
  append_tlv(inner, 0xA5, make_tlv(0x9F65, most));
  return Answer(make_tlv(0x6F, inner),
                content_.life == CardLife::locked ? sw::blocked_application : sw::ok);
}

Answer CardManager::get_data(const Command& command) const {
  if (command.cla != 0x00 && command.cla != 0x80) return sw::unknown_class;
  switch (command.p1p2()) {
    case 0x0042:
    case 0x0045: {
      const auto found = objects_.find(command.p2);
      if (found == objects_.end()) return sw::data_not_found;
      return Answer(make_tlv(found->first, found->second));
    }
    case 0x0066:
      return Answer(make_tlv(0x66, make_tlv(0x73, recognition_data())));
    case 0x00E0:
      return Answer(make_tlv(0xE0, key_information()));
    case 0x9F7F:
      return Answer(make_tlv(0x9F7F, production_data()));
    default:
      return sw::data_not_found;
  }
}

/// Card recognition data (H.2): the specification's version 2.3, the way of card identification,
/// the secure channel protocol with its option.
Bytes CardManager::recognition_data() const {
  const auto protocol = protocol_of(config_.scp);
  Bytes data = object_identifier({0x01});
  append_tlv(data, 0x60, object_identifier({0x02, 0x02, 0x03}));
  append_tlv(data, 0x63, object_identifier({0x03}));
  append_tlv(data, 0x64, object_identifier({0x04, protocol[0], protocol[1]}));
  return data;
}

/// For each key C0 { identifier | version | type | length } (11.3.3.1).
Bytes CardManager::key_information() const {
  const std::uint8_t type = std::holds_alternative<Scp03Option>(config_.scp) ? 0x88 : 0x80;
  Bytes data;
  for (const KeySet& set : content_.keys)
    for (const std::uint8_t identifier : {0x01, 0x02, 0x03})
      append_tlv(
          data, 0xC0,
          Bytes{identifier, set.version, type, static_cast<std::uint8_t>(set.keys.enc.size())});
  return data;
}

/// Card production life cycle, 42 bytes: a virtual chip has but the serial number (bytes 13-16).
Bytes CardManager::production_data() const {
  Bytes data(42);
  std::copy_n(content_.key_data.end() - 4, 4, data.begin() + 12);
  return data;
}

}  // namespace kpd::chip
