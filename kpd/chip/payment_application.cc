#include "kpd/chip/payment_application.h"

#include "kpd/chip/dol.h"

namespace kpd::chip {
namespace {

constexpr std::uint16_t kLastCounter = 0xFFFF;
constexpr std::size_t kChallengeLength = 8;

bool is_script(const Command& command) {
  switch (command.ins) {
    case 0x16:
    case 0x18:
    case 0x1E:
    case 0x24:
      return command.cla == 0x84;
    case 0xDA:
      return command.cla == 0x84 || command.cla == 0x04;
    default:
      return false;
  }
}

}  // namespace

PaymentApplication::PaymentApplication(const InstanceConfig& config, CardState& card,
                                       const Random& random)
    : Application(config.aid), config_(config), card_(card), random_(random) {}

void PaymentApplication::erase() {
  data_ = {};
}

void PaymentApplication::reset() {
  tx_ = {};
}

bool PaymentApplication::is_reachable() const {
  return !card_.contactless || !is_personalised() || !data_.contactless.fci.empty();
}

Answer PaymentApplication::process(const Command& command) {
  if (card_.contactless) return process_contactless(command);
  const Bytes challenge = std::exchange(tx_.challenge, {});
  if (is_script(command)) return script(command);
  switch (command.cla << 8 | command.ins) {
    case 0x80A8:
      return get_processing_options(command);
    case 0x00B2:
      return data_.records.read(command);
    case 0x80CA:
      return get_data(command);
    case 0x0084:
      return get_challenge(command);
    case 0x0020:
      return verify(command, challenge);
    case 0x0088:
      return internal_authenticate(command);
    case 0x80AE:
      return generate_ac(command);
    case 0x0082:
      return external_authenticate(command);
    default:
      break;
  }
  const bool known_class = command.cla == 0x00 || command.cla == 0x80 || command.cla == 0x84;
  return known_class ? sw::unknown_instruction : sw::unknown_class;
}

Answer PaymentApplication::get_processing_options(const Command& command) {
  if (command.p1p2() != 0) return sw::wrong_parameters;
  if (tx_.stage != Transaction::Stage::selected || data_.atc == kLastCounter) return sw::conditions;
  ByteView rest = command.data;
  const auto object = emvcrypto::next_tlv(rest);
  if (!object || object->tag != 0x83 || !rest.empty()) return sw::wrong_data;
  const auto pdol = emvcrypto::find_tlv(data_.fci, 0x9F38);
  if (!take_dol_data(pdol.value_or(ByteView{}), object->value, tx_.terminal)) return sw::wrong_data;
  tx_.pdol_data.assign(object->value.begin(), object->value.end());
  tx_.stage = Transaction::Stage::initiated;
  ++data_.atc;
  if (!config_.gpo_template_77)
    return Answer(emvcrypto::make_tlv(0x80, emvcrypto::concat({data_.aip, data_.afl})));
  Bytes inner = emvcrypto::make_tlv(0x82, data_.aip);
  emvcrypto::append_tlv(inner, 0x94, data_.afl);
  return Answer(emvcrypto::make_tlv(0x77, inner));
}

Answer PaymentApplication::get_data(const Command& command) const {
  const Tag tag = command.p1 == 0 ? command.p2 : command.p1p2();
  Bytes value;
  if (tag == 0x9F36) {
    emvcrypto::append_number(value, data_.atc, 2);
  } else if (tag == 0x9F13) {
    emvcrypto::append_number(value, data_.last_online_atc, 2);
  } else if (tag == 0x9F17 && !data_.pin.block.empty()) {
    value.push_back(data_.pin.tries);
  } else if (tag == 0x9F4F || data_.readable.contains(tag)) {
    const auto found = data_.objects.find(tag);
    if (found == data_.objects.end()) return sw::data_not_found;
    value = found->second;
  } else {
    return sw::data_not_found;
  }
  return Answer(emvcrypto::make_tlv(tag, value));
}

Answer PaymentApplication::get_challenge(const Command& command) {
  if (command.p1p2() != 0) return sw::wrong_parameters;
  if (!command.data.empty()) return sw::wrong_length;
  tx_.challenge.resize(kChallengeLength);
  random_(tx_.challenge);
  return Answer(tx_.challenge);
}

}  // namespace kpd::chip
