/// The chip's side of personalisation (EMV CPS 1.1).
#include "kpd/chip/chip.h"

namespace kpd::chip {
namespace {

constexpr std::uint8_t kProtocol = 0x02;
constexpr std::uint16_t kLastCounter = 0xFFFF;

}  // namespace

Answer Chip::personalise(const Command& command) {
  if (selected_application().is_personalised()) return sw::conditions;
  switch (command.ins) {
    case 0x50:
      return initialize_update(command);
    case 0x82:
      return external_authenticate(command);
    default:
      return store_data(command);
  }
}

/// Answers KEYDATA(10) | key version | 02 | sequence(2) | challenge(6) | cryptogram(8).
Answer Chip::initialize_update(const Command& command) {
  end_session();
  if (command.cla != 0x80) return sw::unknown_class;
  if (command.p1 != 0 && command.p1 != config_.key_version) return sw::data_not_found;
  if (command.p2 != 0) return sw::wrong_parameters;
  if (command.data.size() != 8) return sw::wrong_length;
  if (sequence_counter() == kLastCounter) return sw::conditions;
  session_ =
      std::make_unique<Scp02CardSession>(config_.keys, config_.scp02, sequence_counter(),
                                         command.data, selected_application().aid(), random_);
  Bytes answer = config_.key_data;
  answer.push_back(config_.key_version);
  answer.push_back(kProtocol);
  emvcrypto::append_number(answer, sequence_counter(), 2);
  emvcrypto::append(answer, session_->card_challenge());
  emvcrypto::append(answer, session_->card_cryptogram());
  return Answer(std::move(answer));
}

Answer Chip::external_authenticate(const Command& command) {
  if (!session_) return sw::security;
  const Status status = session_->authenticate(command);
  if (status != sw::ok) {
    end_session();
    return status;
  }
  ++sequence_counter();
  selected_application().erase();
  blocks_ = std::make_unique<BlockReader>(config_.one_dgi_per_command);
  return sw::ok;
}

Answer Chip::store_data(const Command& command) {
  if (!session_ || !session_->is_open()) return sw::security;
  const auto plain = session_->unwrap(command);
  if (!plain) {
    end_session();
    return sw::security;
  }
  const Status status =
      blocks_->take(command, *plain, [this](const ReceivedDgi& dgi) { return load(dgi); });
  if (status != sw::ok || !BlockReader::is_last(command)) return status;
  const Status closed = selected_application().complete();
  if (closed == sw::ok)
    end_session();
  else
    blocks_->uncount();
  return closed;
}

/// Secret groupings come enciphered under the session's DEK, the others in clear; an empty value
/// may stand in an enciphered block.
Status Chip::load(const ReceivedDgi& dgi) {
  Application& application = selected_application();
  const DgiKind kind = application.kind_of(dgi.id);
  if (kind == DgiKind::unknown) return sw::data_not_found;
  if (kind == DgiKind::clear) {
    if (dgi.encipherment == Encipherment::all && !dgi.value.empty()) return sw::wrong_data;
    return application.load(dgi.id, dgi.value);
  }
  if (dgi.encipherment == Encipherment::none) return sw::security;
  if (dgi.value.empty() || dgi.value.size() % 8 != 0) return sw::wrong_data;
  return application.load(dgi.id, session_->decipher(dgi.value).expose());
}

void Chip::end_session() {
  session_.reset();
  blocks_.reset();
}

}  // namespace kpd::chip
