/// The chip's side of secure channels: personalisation through the selected instance's own (EMV CPS
/// 1.1), card content management through that of the issuer security domain.
#include "kpd/chip/chip.h"

namespace kpd::chip {
namespace {

constexpr std::uint8_t kSecureMessaging = 0x04;           // b3 of the class byte
constexpr std::uint8_t kMasterFileName[] = {0x3F, 0x00};  // the AID where a native card has none

}  // namespace

Answer Chip::personalise(const Command& command) {
  if (selected_application().is_personalised() || content_.in_factory) return sw::conditions;
  switch (command.ins) {
    case 0x50:
      return initialize_update(command);
    case 0x82: {
      const Status status = external_authenticate(command);
      if (status == sw::ok)
        personalisation_ =
            std::make_unique<Personalisation>(selected_application(), config_.one_dgi_per_command);
      return status;
    }
    default:
      return store_data(command);
  }
}

/// A command for the issuer security domain. While its channel is open everything comes through it.
Answer Chip::manage(const Command& command) {
  if ((command.cla & 0xFB) == 0x80 && command.ins == 0x50) return initialize_update(command);
  if ((command.cla & 0xFB) == 0x80 && command.ins == 0x82) return external_authenticate(command);
  if (!CardManager::knows(command.ins)) return sw::unknown_instruction;
  const bool is_open = channel_ && channel_->is_open();
  if (!is_open && command.ins == 0xCA) return manager_->get_data(command);
  const Answer answer = in_channel(
      command, [this](const Command& plain) { return manager_->process(plain, *channel_); });
  if (content_.find_keys(channel_keys_) == nullptr && channel_keys_ == kFactoryVersion)
    end_session();  // K(IC) is gone
  return answer;
}

/// Answers KEYDATA(10) | key version | what the protocol says. K(IC) comes with the data that the
/// maker derived it from, whatever KEYDATA has become.
Answer Chip::initialize_update(const Command& command) {
  end_session();
  if (command.cla != 0x80) return sw::unknown_class;
  KeySet* const keys = content_.find_keys(command.p1);
  if (keys == nullptr) return sw::data_not_found;
  if (command.p2 != 0) return sw::wrong_parameters;
  if (command.data.size() != 8) return sw::wrong_length;
  const std::uint32_t sequence = sequence_counter(*keys);
  if (sequence == last_sequence(config_.scp)) return sw::conditions;
  channel_ =
      begin_channel(config_.scp, {keys->keys, sequence, command.data, selected_aid(), random_});
  channel_keys_ = keys->version;
  Bytes answer = keys->version == kFactoryVersion ? config_.key_data : content_.key_data;
  answer.push_back(keys->version);
  emvcrypto::append(answer, channel_->initial_answer());
  return Answer(std::move(answer));
}

Status Chip::external_authenticate(const Command& command) {
  if (!channel_) return sw::security;
  const Status status = channel_->authenticate(command);
  if (status == sw::ok)
    ++sequence_counter(*content_.find_keys(channel_keys_));
  else
    end_session();
  return status;
}

Answer Chip::store_data(const Command& command) {
  const Answer answer = in_channel(
      command, [this](const Command& plain) { return personalisation_->store(plain, *channel_); });
  if (personalisation_ && personalisation_->is_closed()) end_session();
  return answer;
}

/// Does a command that came through the open channel: unwraps it, protects the answer. Whatever is
/// wrong with its protection ends the channel.
Answer Chip::in_channel(const Command& command,
                        const std::function<Answer(const Command& plain)>& work) {
  if (!channel_ || !channel_->is_open()) return sw::security;
  auto data = channel_->unwrap(command);
  if (!data) {
    end_session();
    return sw::security;
  }
  Command plain = command;
  plain.cla &= static_cast<std::uint8_t>(~kSecureMessaging);
  plain.data = *std::move(data);
  return channel_->protect(work(plain));
}

ByteView Chip::selected_aid() {
  if (native_) return kMasterFileName;
  return selected_ == kNone ? manager_->aid() : selected_application().aid();
}

std::uint32_t& Chip::sequence_counter(KeySet& keys) {
  return config_.counter_per_instance && selected_ != kNone ? content_.instances[selected_].counter
                                                            : keys.counter;
}

void Chip::end_session() {
  channel_.reset();
  personalisation_.reset();
  if (manager_) manager_->reset();
  if (native_) native_->reset();
}

}  // namespace kpd::chip
