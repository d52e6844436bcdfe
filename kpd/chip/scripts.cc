/// Issuer scripts with secure messaging (EMV 4.4 Book 3, 6.5.1-6.5.3, 6.5.10; Book 2, 9).
///
/// Every command ends with a MAC of 8 bytes: retail MAC, padding 80 00*, under the SMI session key
/// over the five header bytes | ATC | first application cryptogram | the data before the MAC.
/// Session keys: the SMI and SMC master keys diversified by R = that cryptogram. A command before
/// the first GENERATE AC is answered 6985, a wrong MAC 6988.
#include <algorithm>

#include "kpd/chip/des.h"
#include "kpd/chip/payment_application.h"
#include "kpd/chip/pin_block.h"

namespace kpd::chip {
namespace {

constexpr std::size_t kMacLength = 8;
constexpr std::size_t kPinBlock = 8;

/// What PUT DATA may change; the length stays as personalised.
constexpr Tag kUpdatable[] = {0x9F14, 0x9F23, 0x9F52, 0x9F53, 0x9F54, 0x9F56, 0x9F58, 0x9F59,
                              0x9F5C, 0x9F72, 0x9F73, 0x9F75, 0x9F77, 0x9F78, 0x9F79};

bool is_updatable(Tag tag) {
  return std::find(std::begin(kUpdatable), std::end(kUpdatable), tag) != std::end(kUpdatable);
}

}  // namespace

Answer PaymentApplication::script(const Command& command) {
  if (tx_.first_cryptogram.empty()) return sw::conditions;
  if (!tx_.scripts_begun) {
    data_.scripts = 0;
    data_.script_failed = false;
    tx_.scripts_begun = true;
  }
  if (data_.scripts < 0xFF) ++data_.scripts;
  const auto data = script_data(command);
  Answer answer = sw::wrong_secure_messaging;
  if (data) {
    switch (command.ins) {
      case 0x24:
        answer = change_pin(command, *data);
        break;
      case 0xDA:
        answer = put_data(command, *data);
        break;
      default:
        answer = command.p1p2() == 0 && data->empty() ? sw::ok : sw::wrong_parameters;
        if (answer.status != sw::ok) break;
        if (command.ins == 0x16)
          card_.blocked = true;
        else
          data_.blocked = command.ins == 0x1E;
    }
  }
  if (answer.status != sw::ok) data_.script_failed = true;
  return answer;
}

/// The data of a command whose MAC is right; nothing when it is not.
std::optional<ByteView> PaymentApplication::script_data(const Command& command) {
  const ByteView data = command.data;
  if (data.size() < kMacLength) return std::nullopt;
  const ByteView plain = data.first(data.size() - kMacLength);
  Bytes message{command.cla, command.ins, command.p1, command.p2,
                static_cast<std::uint8_t>(data.size())};
  emvcrypto::append_number(message, data_.atc, 2);
  emvcrypto::append(message, tx_.first_cryptogram);
  emvcrypto::append(message, plain);
  const Secret key = diversified_key(data_.smi_key, tx_.first_cryptogram);
  if (!same_bytes(retail_mac(key, padded_80(message)), data.last(kMacLength))) return std::nullopt;
  return plain;
}

/// PIN CHANGE/UNBLOCK. P2 00: the try counter is reset, no data. 02: the new PIN in a format 2
/// block, 3DES-ECB under the SMC session key. 01: the present PIN's block and the new one's, both
/// enciphered; 6982 when the present one is wrong. A new PIN resets the try counter.
Answer PaymentApplication::change_pin(const Command& command, ByteView data) {
  if (command.p1 != 0 || command.p2 > 2) return sw::wrong_parameters;
  if (data_.pin.block.empty()) return sw::data_not_found;
  const std::size_t blocks = command.p2 == 0 ? 0 : command.p2 == 1 ? 2 : 1;
  if (data.size() != blocks * kPinBlock) return sw::wrong_length;
  if (blocks > 0) {
    const Secret clear = decipher_ecb(diversified_key(data_.smc_key, tx_.first_cryptogram), data);
    const ByteView fresh = clear.expose().last(kPinBlock);
    if (blocks == 2 && !data_.pin.block.equals(Secret(clear.expose().first(kPinBlock))))
      return sw::security;
    if (!is_format_2(fresh)) return sw::wrong_data;
    data_.pin.block = Secret(fresh);
  }
  data_.pin.tries = data_.pin.limit;
  return sw::ok;
}

/// PUT DATA: P1 P2 the tag, the data its new value.
Answer PaymentApplication::put_data(const Command& command, ByteView data) {
  const auto found = data_.objects.find(command.p1p2());
  if (!is_updatable(command.p1p2()) || found == data_.objects.end()) return sw::data_not_found;
  if (found->second.size() != data.size()) return sw::wrong_data;
  found->second.assign(data.begin(), data.end());
  return sw::ok;
}

}  // namespace kpd::chip
