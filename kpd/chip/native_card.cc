#include "kpd/chip/native_card.h"

#include <algorithm>

namespace kpd::chip {
namespace {

enum Instruction : std::uint8_t {
  activate_file = 0x44,
  initialize_update = 0x50,
  external_authenticate = 0x82,
  select_file = 0xA4,
  read_binary_ins = 0xB0,
  read_record_ins = 0xB2,
  write_key_ins = 0xD4,
  update_binary_ins = 0xD6,
  update_record_ins = 0xDC,
  create_file = 0xE0,
  append_record_ins = 0xE2,
  delete_file = 0xE4,
  terminate_card = 0xFE
};

constexpr std::uint8_t kChaining = 0x10;         // b5 of the class byte
constexpr std::uint8_t kSecureMessaging = 0x04;  // b3
constexpr std::uint8_t kShortIdentifier = 0x80;  // P1 of READ BINARY and UPDATE BINARY
constexpr std::uint8_t kByNumber = 0x04;         // P2 of READ RECORD and UPDATE RECORD, b3-b1
constexpr std::size_t kMemory = 65536;
constexpr std::size_t kLongestChain = 1024;
constexpr std::size_t kLongestAnswer = 256;

/// Class without chaining, and instruction.
int code_of(const Command& command) {
  return (command.cla & ~kChaining & 0xFF) << 8 | command.ins;
}

/// What comes in more than one command when it is long (ISO/IEC 7816-4, "Command chaining").
bool may_be_chained(const Command& command) {
  switch (code_of(command)) {
    case update_binary_ins:
    case update_record_ins:
    case append_record_ins:
    case 0x8000 | write_key_ins:
      return true;
    default:
      return false;
  }
}

const InstanceConfig* program_for(const ChipConfig& config, ByteView name) {
  const auto found = std::ranges::find_if(config.instances, [&](const InstanceConfig& program) {
    return std::ranges::equal(program.aid, name);
  });
  return found == config.instances.end() ? nullptr : &*found;
}

}  // namespace

NativeCard::NativeCard(const ChipConfig& config, CardContent& content, CardState& state,
                       const Random& random)
    : config_(config), content_(content), state_(state), random_(random) {}

bool NativeCard::is_making(const Command& command) {
  switch ((command.cla & ~kChaining & ~kSecureMessaging & 0xFF) << 8 | command.ins) {
    case activate_file:
    case update_binary_ins:
    case update_record_ins:
    case create_file:
    case append_record_ins:
    case delete_file:
    case terminate_card:
    case 0x8000 | initialize_update:
    case 0x8000 | external_authenticate:
    case 0x8000 | write_key_ins:
      return true;
    default:
      return false;
  }
}

bool NativeCard::knows(const Command& command) {
  const int code = (command.cla & ~kChaining & ~kSecureMessaging & 0xFF) << 8 | command.ins;
  return is_making(command) || code == select_file || code == read_binary_ins ||
         code == read_record_ins;
}

void NativeCard::reset() {
  folder_ = nullptr;
  file_ = nullptr;
  chain_.reset();
}

Answer NativeCard::process(const Command& command, const CardChannel& channel) {
  const bool more = (command.cla & kChaining) != 0;
  if (!more && !chain_) return perform(command, channel);
  if (const Status status = collect(command); status != sw::ok || more) return status;
  const Command whole = *std::exchange(chain_, std::nullopt);
  return perform(whole, channel);
}

/// Another command in the middle of a chain ends it, and is not done.
Status NativeCard::collect(const Command& command) {
  if (!may_be_chained(command)) {
    chain_.reset();
    return sw::no_chaining;
  }
  if (!chain_) {
    chain_ = command;
    chain_->cla &= static_cast<std::uint8_t>(~kChaining);
    return sw::ok;
  }
  Status status = sw::ok;
  if (code_of(command) != code_of(*chain_) || command.p1p2() != chain_->p1p2())
    status = sw::chain_broken;
  else if (command.data.size() + chain_->data.size() > kLongestChain)
    status = sw::wrong_length;
  if (status == sw::ok)
    emvcrypto::append(chain_->data, command.data);
  else
    chain_.reset();
  return status;
}

Answer NativeCard::perform(const Command& command, const CardChannel& channel) {
  switch (command.cla << 8 | command.ins) {
    case select_file:
      return select(command);
    case create_file:
      return create(command);
    case delete_file:
      return remove(command);
    case activate_file:
      return activate(command);
    case update_binary_ins:
      return update_binary(command);
    case update_record_ins:
      return update_record(command);
    case append_record_ins:
      return append_record(command);
    case read_binary_ins:
      return read_binary(command, channel);
    case read_record_ins:
      return read_record(command, channel);
    case 0x8000 | write_key_ins:
      return write_key(command, channel);
    case terminate_card:
      if (command.p1p2() != 0) return sw::wrong_parameters;
      state_.blocked = true;
      return sw::ok;
    default:
      break;
  }
  return command.cla == 0x00 || command.cla == 0x80 ? sw::unknown_instruction : sw::unknown_class;
}

Answer NativeCard::select(const Command& command) {
  if (command.p2 != 0x00 && command.p2 != 0x04 && command.p2 != 0x0C) return sw::wrong_parameters;
  if (command.p1 == 0x04) {
    NativeFolder* const found = find_folder(command.data);
    if (found == nullptr) return sw::not_found;
    folder_ = found;
    file_ = nullptr;
    return told(command);
  }
  if (command.p1 > 0x02) return sw::wrong_parameters;
  const bool of_master = command.data.empty() && command.p1 == 0x00;
  if (!of_master && command.data.size() != 2) return sw::wrong_length;
  const auto id = static_cast<std::uint16_t>(emvcrypto::to_number(command.data));
  return select_by_id(command.p1, of_master ? kMasterFile : id) ? told(command) : sw::not_found;
}

/// EFs of the current DF come before DFs; whatever is not found leaves the selection as it is.
bool NativeCard::select_by_id(std::uint8_t how, std::uint16_t id) {
  if (how == 0x00 && id == kMasterFile) {
    folder_ = nullptr;
    file_ = nullptr;
    return true;
  }
  NativeFile* const file = folder_ != nullptr && how != 0x01 ? folder_->find(id) : nullptr;
  NativeFolder* const folder = file == nullptr && how != 0x02 ? find_folder(id) : nullptr;
  if (file == nullptr && folder == nullptr) return false;
  file_ = file;
  if (folder != nullptr) folder_ = folder;
  return true;
}

Answer NativeCard::told(const Command& command) const {
  if (command.p2 == 0x0C) return sw::ok;
  if (file_ != nullptr) return Answer(file_->control().told(file_->life()));
  return folder_ == nullptr ? master_control() : Answer(folder_->control().told(folder_->life()));
}

Answer NativeCard::master_control() const {
  FileControl control;
  control.parameters = {0x82,
                        0x01,
                        static_cast<std::uint8_t>(FileKind::folder),
                        0x83,
                        0x02,
                        kMasterFile >> 8,
                        kMasterFile & 0xFF};
  return Answer(control.told(life_));
}

/// A DF below the master file, or an EF in the current DF; the new file is the current one.
Status NativeCard::create(const Command& command) {
  if (command.p1p2() != 0) return sw::wrong_parameters;
  auto control = parse_file_control(command.data);
  if (!control) return sw::wrong_data;
  if (control->kind != FileKind::folder) {
    if (folder_ == nullptr) return sw::no_current_file;
    NativeFile probe(*control);
    if (!has_room(probe.footprint())) return sw::no_memory;
    NativeFile* made = nullptr;
    const Status status = folder_->create(*std::move(control), made);
    if (status == sw::ok) file_ = made;
    return status;
  }
  if (find_folder(control->id) != nullptr) return sw::file_exists;
  if (find_folder(control->name) != nullptr) return sw::name_exists;
  InstanceConfig program{control->name, ApplicationKind::files, {}, false, false};
  if (const InstanceConfig* own = program_for(config_, control->name)) program = *own;
  NativeFolder folder(*std::move(control), make_application(program, state_, random_));
  if (!has_room(folder.footprint())) return sw::no_memory;
  folder_ = &folders_.emplace_back(std::move(folder));
  file_ = nullptr;
  life_ = FileLife::initialisation;
  return sw::ok;
}

/// DELETE FILE: the file with this identifier, an EF of the current DF before a DF, or without one
/// the current file. As long as the master file is not activated DFs can be deleted in any state.
Status NativeCard::remove(const Command& command) {
  if (command.p1p2() != 0) return sw::wrong_parameters;
  if (!command.data.empty()) {
    if (command.data.size() != 2) return sw::wrong_length;
    const auto id = static_cast<std::uint16_t>(emvcrypto::to_number(command.data));
    if (!select_by_id(0x00, id)) return sw::not_found;
  }
  if (folder_ == nullptr) return sw::conditions;
  if (file_ != nullptr) {
    const Status status = folder_->remove(file_->control().id);
    if (status == sw::ok) file_ = nullptr;
    return status;
  }
  folders_.remove_if([&](const NativeFolder& folder) { return &folder == folder_; });
  folder_ = nullptr;
  return sw::ok;
}

/// ACTIVATE FILE of the current file.
Status NativeCard::activate(const Command& command) {
  if (command.p1p2() != 0) return sw::wrong_parameters;
  if (!command.data.empty()) return sw::wrong_length;
  if (folder_ == nullptr) return finish();
  if (file_ == nullptr) return folder_->activate();
  if (file_->life() == FileLife::operational) return sw::conditions;
  file_->activate();
  return sw::ok;
}

/// The whole card: every DF must be activated, and there must be one.
Status NativeCard::finish() {
  const bool ready = !folders_.empty() && std::ranges::all_of(folders_, [](const auto& folder) {
    return folder.life() == FileLife::operational;
  });
  if (!ready) return sw::conditions;
  for (NativeFolder& folder : folders_)
    content_.instances.push_back({.application = folder.release()});
  folders_.clear();
  reset();
  life_ = FileLife::operational;
  return sw::ok;
}

Status NativeCard::update_binary(const Command& command) {
  const bool by_sfi = (command.p1 & kShortIdentifier) != 0;
  NativeFile* const file = by_sfi ? file_by_sfi(command.p1 & 0x1F) : file_;
  if (file == nullptr) return by_sfi ? sw::not_found : sw::no_current_file;
  if (file->control().size == 0 && !has_room(command.data.size())) return sw::no_memory;
  return file->update_binary(by_sfi ? command.p2 : command.p1p2(), command.data);
}

Status NativeCard::update_record(const Command& command) {
  if ((command.p2 & 7) != kByNumber) return sw::wrong_parameters;
  const auto sfi = static_cast<std::uint8_t>(command.p2 >> 3);
  NativeFile* const file = file_by_sfi(sfi);
  if (file == nullptr) return sfi != 0 ? sw::not_found : sw::no_current_file;
  if (file->control().kind == FileKind::keys) return sw::security;
  if (file->control().size == 0 && !has_room(command.data.size())) return sw::no_memory;
  return file->update_record(command.p1, command.data);
}

Status NativeCard::append_record(const Command& command) {
  if (command.p1 != 0 || (command.p2 & 7) != 0) return sw::wrong_parameters;
  const auto sfi = static_cast<std::uint8_t>(command.p2 >> 3);
  NativeFile* const file = file_by_sfi(sfi);
  if (file == nullptr) return sfi != 0 ? sw::not_found : sw::no_current_file;
  if (file->control().kind == FileKind::keys) return sw::security;
  if (file->control().size == 0 && !has_room(command.data.size())) return sw::no_memory;
  return file->append_record(command.data);
}

Answer NativeCard::read_binary(const Command& command, const CardChannel& channel) {
  if (!command.data.empty()) return sw::wrong_length;
  const bool by_sfi = (command.p1 & kShortIdentifier) != 0;
  const NativeFile* const file = by_sfi ? file_by_sfi(command.p1 & 0x1F) : file_;
  if (file == nullptr) return by_sfi ? sw::not_found : sw::no_current_file;
  if (!file->is_readable()) return sw::security;
  const std::size_t room = kLongestAnswer - channel.answer_growth();
  return file->read_binary(by_sfi ? command.p2 : command.p1p2(),
                           command.le == 0 ? room : std::min(command.le, room));
}

/// A record that does not fit into a protected answer cannot be read through the channel (6700).
Answer NativeCard::read_record(const Command& command, const CardChannel& channel) {
  if ((command.p2 & 7) != kByNumber) return sw::wrong_parameters;
  if (!command.data.empty()) return sw::wrong_length;
  const auto sfi = static_cast<std::uint8_t>(command.p2 >> 3);
  const NativeFile* const file = file_by_sfi(sfi);
  if (file == nullptr) return sfi != 0 ? sw::not_found : sw::no_current_file;
  if (!file->is_readable()) return sw::security;
  Answer answer = file->read_record(command.p1);
  return answer.data.size() + channel.answer_growth() > kLongestAnswer ? Answer(sw::wrong_length)
                                                                       : answer;
}

/// WRITE KEY, of such cards' own: P1 P2 the key's identifier, the data the key under the channel's
/// DEK.
Status NativeCard::write_key(const Command& command, const CardChannel& channel) {
  if (folder_ == nullptr) return sw::no_current_file;
  if (!has_room(command.data.size())) return sw::no_memory;
  return folder_->write_key(command.p1p2(), command.data, channel);
}

NativeFolder* NativeCard::find_folder(std::uint16_t id) {
  const auto found = std::ranges::find_if(
      folders_, [&](const NativeFolder& folder) { return folder.control().id == id; });
  return found == folders_.end() ? nullptr : &*found;
}

NativeFolder* NativeCard::find_folder(ByteView name) {
  const auto found = std::ranges::find_if(folders_, [&](const NativeFolder& folder) {
    return std::ranges::equal(folder.control().name, name);
  });
  return found == folders_.end() ? nullptr : &*found;
}

/// The current EF for SFI 0. A file that is found so becomes the current one.
NativeFile* NativeCard::file_by_sfi(std::uint8_t sfi) {
  if (sfi == 0) return file_;
  NativeFile* const found = folder_ == nullptr ? nullptr : folder_->find_by_sfi(sfi);
  if (found != nullptr) file_ = found;
  return found;
}

bool NativeCard::has_room(std::size_t bytes) const {
  std::size_t used = 0;
  for (const NativeFolder& folder : folders_) used += folder.footprint();
  return used + bytes <= kMemory;
}

}  // namespace kpd::chip
