/// A reader in memory that several slots look at, one after the other, and what it saw.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "cps/slot.h"
#include "kpd/station/slot_place.h"

namespace kpd_test {

/// Thread-safe where tests look at it while a host serves it.
struct MemoryReader {
  std::atomic<bool> card = true;
  std::atomic<bool> gone = false;
  std::atomic<int> opened = 0, closed = 0;
  std::function<void(std::size_t)> on_command;    ///< called with its index, after it was executed
  std::function<cps::Bytes(cps::ByteView)> chip;  ///< none: the command comes back, with 9000

  std::vector<cps::Bytes> executed() const {
    const std::lock_guard lock(mutex_);
    return commands_;
  }
  std::size_t note(cps::ByteView command) {
    const std::lock_guard lock(mutex_);
    commands_.emplace_back(command.begin(), command.end());
    return commands_.size() - 1;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<cps::Bytes> commands_;
};

class MemorySlot final : public cps::Slot {
 public:
  explicit MemorySlot(MemoryReader& reader) : reader_(reader) { ++reader_.opened; }
  ~MemorySlot() override { ++reader_.closed; }

  const std::string& name() const override { return name_; }
  const std::string& last_error() const override { return error_; }
  cps::Bytes atr() const override { return {0x3B, 0x00}; }

  bool wait_for_card(std::chrono::milliseconds) override { return look(reader_.card); }
  bool wait_for_removal(std::chrono::milliseconds) override { return look(!reader_.card); }
  bool reset(cps::Reset) override { return look(reader_.card); }

  cps::Response transmit(cps::ByteView command, std::chrono::milliseconds) override {
    using Kind = cps::Response::Kind;
    if (reader_.gone) return {Kind::broken, {}, "the reader is gone"};
    if (!reader_.card) return {Kind::lost, {}, "the card is out"};
    const std::size_t index = reader_.note(command);
    cps::Bytes answer =
        reader_.chip ? reader_.chip(command) : emvcrypto::concat({command, cps::Bytes{0x90, 0x00}});
    if (reader_.on_command) reader_.on_command(index);
    return {Kind::answered, std::move(answer), ""};
  }

 private:
  bool look(bool there) {
    if (reader_.gone) throw cps::SlotGone("the reader is gone");
    error_ = there ? "" : "nothing there";
    return there;
  }

  MemoryReader& reader_;
  std::string name_ = "memory", error_;
};

inline kpd::SlotPlace memory_place(const std::string& name, MemoryReader& reader) {
  return {name, [&reader] { return std::make_unique<MemorySlot>(reader); }};
}

/// A command of its own for each number.
inline cps::Bytes numbered_command(std::uint8_t number) {
  return {0x80, 0xE2, 0x00, number, 0x00};
}

}  // namespace kpd_test
