#include "kpd/chip/card_manager.h"

#include <algorithm>

namespace kpd::chip {
namespace {

constexpr DgiId kObjectsDgi = 0x0070;
constexpr DgiId kKeyDataDgi = 0x00CF;
constexpr std::size_t kKeyDataLength = 10;
constexpr std::uint8_t kFormatBits = 0x18;  // of P1 of STORE DATA
constexpr std::uint8_t kFormatTlv = 0x10;
constexpr std::uint8_t kOneTlvBlock = 0x90;
constexpr std::size_t kLongestObject = 16;

enum Instruction : std::uint8_t {
  get_data_ins = 0xCA,
  put_key_ins = 0xD8,
  store_data_ins = 0xE2,
  delete_ins = 0xE4,
  install_ins = 0xE6,
  set_status_ins = 0xF0,
  get_status_ins = 0xF2
};

}  // namespace

CardManager::CardManager(const ChipConfig& config, CardContent& content, CardState& state,
                         const Random& random)
    : config_(config), content_(content), state_(state), random_(random) {}

bool CardManager::knows(std::uint8_t ins) {
  switch (ins) {
    case get_data_ins:
    case put_key_ins:
    case store_data_ins:
    case delete_ins:
    case install_ins:
    case set_status_ins:
    case get_status_ins:
      return true;
    default:
      return false;
  }
}

/// A locked card takes nothing but the way out of it (5.1.1.4).
Answer CardManager::process(const Command& command, const CardChannel& channel) {
  if (command.ins == get_data_ins) return get_data(command);
  if (command.cla != 0x80) return sw::unknown_class;
  if (command.ins == set_status_ins) return set_status(command);
  if (content_.life == CardLife::locked) return sw::conditions;
  switch (command.ins) {
    case put_key_ins:
      return put_key(command, channel);
    case store_data_ins:
      return store_data(command, channel);
    case delete_ins:
      return remove(command);
    case install_ins:
      return install(command);
    case get_status_ins:
      return get_status(command, channel);
    default:
      return sw::unknown_instruction;
  }
}

void CardManager::reset() {
  target_.reset();
  blocks_.reset();
  listed_kind_ = 0;
}

/// To the instance under personalisation until its last block, else to itself.
Status CardManager::store_data(const Command& command, const CardChannel& channel) {
  if (!target_) return store_own(command);
  const Status status = target_->store(command, channel);
  if (target_->is_closed()) target_.reset();
  return status;
}

/// BER-TLV objects in one block (P1 90), or grouping 0070 with such objects, or 00CF with KEYDATA;
/// block 00 begins anew.
Status CardManager::store_own(const Command& command) {
  if ((command.p1 & kFormatBits) == kFormatTlv)
    return command.p1 == kOneTlvBlock && command.p2 == 0 ? keep(command.data)
                                                         : sw::wrong_parameters;
  if (command.p2 == 0) blocks_ = std::make_unique<BlockReader>(config_.one_dgi_per_command);
  if (!blocks_) return sw::wrong_parameters;
  return blocks_->take(command, command.data, [this](const ReceivedDgi& dgi) -> Status {
    if (dgi.id == kCompletionDgi) return sw::ok;
    const bool of_key_data = dgi.id == kKeyDataDgi && config_.from_factory;
    if (dgi.id != kObjectsDgi && !of_key_data) return sw::data_not_found;
    if (dgi.encipherment == Encipherment::all) return sw::wrong_data;
    return of_key_data ? write_key_data(dgi.value) : keep(dgi.value);
  });
}

/// KEYDATA of a chip in the factory, once (6985).
Status CardManager::write_key_data(ByteView value) {
  if (!content_.in_factory || content_.key_data_written) return sw::conditions;
  if (value.size() != kKeyDataLength) return sw::wrong_data;
  content_.key_data.assign(value.begin(), value.end());
  content_.key_data_written = true;
  return sw::ok;
}

/// Issuer identification number (42) and card image number (45): all of a list or none.
Status CardManager::keep(ByteView objects) {
  const auto list = emvcrypto::parse_tlv_list(objects);
  if (!list || list->empty()) return sw::wrong_data;
  for (const auto& object : *list) {
    if (object.tag != 0x42 && object.tag != 0x45) return sw::data_not_found;
    if (object.value.empty() || object.value.size() > kLongestObject) return sw::wrong_data;
  }
  for (const auto& object : *list)
    objects_[object.tag] = Bytes(object.value.begin(), object.value.end());
  return sw::ok;
}

}  // namespace kpd::chip
