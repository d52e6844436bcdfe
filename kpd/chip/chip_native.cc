/// A native card's commands behind the chip's secure channel, until the card is finished.
#include "kpd/chip/chip.h"

namespace kpd::chip {
namespace {

constexpr std::uint8_t kSelect = 0xA4;
constexpr std::uint8_t kByName = 0x04;

/// In clear and by name: what ends a channel on every kind of chip.
bool selects_in_clear(const Command& command) {
  return command.cla == 0x00 && command.ins == kSelect && command.p1 == kByName;
}

}  // namespace

Answer Chip::make_native(const Command& command) {
  if ((command.cla & 0xFB) == 0x80 && command.ins == 0x50) return initialize_update(command);
  if ((command.cla & 0xFB) == 0x80 && command.ins == 0x82) return external_authenticate(command);
  if (selects_in_clear(command)) end_session();
  if (!channel_ || !channel_->is_open()) {
    if (command.cla == 0x00 && command.ins == kSelect) return native_->select(command);
    return NativeCard::knows(command) ? sw::security : sw::unknown_instruction;
  }
  const Answer answer = in_channel(
      command, [this](const Command& plain) { return native_->process(plain, *channel_); });
  if (native_->is_finished()) end_session();
  return answer;
}

}  // namespace kpd::chip
