/// The contactless side of a payment application: an FCI, processing options and codes of its own
/// over the same records. GENERATE AC is not answered here; a cryptogram comes with the processing
/// options where 9F10 was personalised for them.
#include <algorithm>

#include "kpd/chip/des.h"
#include "kpd/chip/dol.h"
#include "kpd/chip/payment_application.h"

namespace kpd::chip {
namespace {

constexpr std::uint16_t kLastCounter = 0xFFFF;
constexpr std::uint16_t kChecksumParameters = 0x8E80;
constexpr std::size_t kCodeLength = 2, kUnknownLength = 4;
constexpr Tag kUnknownNumeric = 0x9F6A, kQualifiers = 0x9F6C;

}  // namespace

Answer PaymentApplication::process_contactless(const Command& command) {
  switch (command.cla << 8 | command.ins) {
    case 0x80A8:
      return contactless_options(command);
    case 0x00B2:
      return data_.records.read(command);
    case 0x80CA:
      return get_data(command);
    case 0x802A:
      return compute_checksum(command);
    default:
      return sw::conditions;
  }
}

/// Template 77 with AIP and AFL; where 9F10 was personalised for it, ATC, cryptogram, 9F10
/// and, if there are any, the card's qualifiers (9F6C) too.
Answer PaymentApplication::contactless_options(const Command& command) {
  if (command.p1p2() != 0) return sw::wrong_parameters;
  const PaymentData::Contactless& own = data_.contactless;
  if (tx_.stage != Transaction::Stage::selected || own.aip.empty() || data_.atc == kLastCounter)
    return sw::conditions;
  ByteView rest = command.data;
  const auto object = emvcrypto::next_tlv(rest);
  if (!object || object->tag != 0x83 || !rest.empty()) return sw::wrong_data;
  const ByteView pdol = emvcrypto::find_tlv(own.fci, 0x9F38).value_or(ByteView{});
  if (!take_dol_data(pdol, object->value, tx_.terminal)) return sw::wrong_data;
  tx_.stage = Transaction::Stage::initiated;
  ++data_.atc;
  Bytes inner = emvcrypto::make_tlv(0x82, own.aip);
  emvcrypto::append_tlv(inner, 0x94, own.afl);
  if (!own.issuer_data.empty()) {
    Bytes atc;
    emvcrypto::append_number(atc, data_.atc, 2);
    emvcrypto::append_tlv(inner, 0x9F36, atc);
    const Bytes iad = issuer_application_data(AcType::arqc, std::nullopt, false, false);
    tx_.ac_session_key = session_key();
    emvcrypto::append_tlv(inner, 0x9F26, cryptogram(iad));
    emvcrypto::append_tlv(inner, 0x9F27, Bytes{static_cast<std::uint8_t>(AcType::arqc)});
    emvcrypto::append_tlv(inner, 0x9F10, iad);
    if (const auto found = data_.objects.find(kQualifiers); found != data_.objects.end())
      emvcrypto::append_tlv(inner, kQualifiers, found->second);
    tx_.stage = Transaction::Stage::finished;
  }
  return Answer(emvcrypto::make_tlv(0x77, inner));
}

/// COMPUTE CRYPTOGRAPHIC CHECKSUM: template 77 with the codes of track 2 (9F61) and track 1 (9F60)
/// and the ATC. A code is the end of 3DES over its initial value | unpredictable number | ATC.
Answer PaymentApplication::compute_checksum(const Command& command) {
  const PaymentData::Contactless& own = data_.contactless;
  if (command.p1p2() != kChecksumParameters) return sw::wrong_parameters;
  if (tx_.stage != Transaction::Stage::initiated || own.code_key.empty() ||
      own.code_values.size() != 2 * kCodeLength)
    return sw::conditions;
  const auto list = data_.records.find_object(0x9F69);
  Bytes unknown = command.data;
  if (list) {
    if (!take_dol_data(*list, command.data, tx_.terminal)) return sw::wrong_length;
    const ByteView number = terminal_value(kUnknownNumeric);
    unknown.assign(number.begin(), number.end());
  }
  if (unknown.size() != kUnknownLength) return sw::wrong_length;
  Bytes atc;
  emvcrypto::append_number(atc, data_.atc, 2);
  const auto code = [&](std::size_t track) {
    const Bytes block = emvcrypto::concat(
        {ByteView(own.code_values).subspan(track * kCodeLength, kCodeLength), unknown, atc});
    const Bytes enciphered = cryptogram_block(own.code_key, block);
    return Bytes(enciphered.end() - kCodeLength, enciphered.end());
  };
  tx_.stage = Transaction::Stage::finished;
  Bytes inner = emvcrypto::make_tlv(0x9F61, code(1));
  emvcrypto::append_tlv(inner, 0x9F60, code(0));
  emvcrypto::append_tlv(inner, 0x9F36, atc);
  return Answer(emvcrypto::make_tlv(0x77, inner));
}

/// What comes with 9207: AIP, 9F10 and AFL.
Status PaymentApplication::load_contactless_options(ByteView value) {
  const auto objects = emvcrypto::parse_tlv_list(value);
  const auto aip = emvcrypto::find_tlv(value, 0x82);
  const auto afl = emvcrypto::find_tlv(value, 0x94);
  const auto iad = emvcrypto::find_tlv(value, 0x9F10);
  if (!objects || objects->size() != 3 || !aip || aip->size() != 2 || !afl || !is_afl(*afl) ||
      !iad || !is_issuer_data(config_.iad, *iad))
    return sw::wrong_data;
  PaymentData::Contactless& own = data_.contactless;
  own.aip.assign(aip->begin(), aip->end());
  own.afl.assign(afl->begin(), afl->end());
  own.issuer_data.assign(iad->begin(), iad->end());
  return sw::ok;
}

/// Contactless options need an FCI, records and, for a cryptogram, a PDOL that asks for its input;
/// a key for codes needs their initial values.
bool PaymentApplication::has_usable_contactless() const {
  const PaymentData::Contactless& own = data_.contactless;
  if (own.code_key.empty() != own.code_values.empty() || !own.keys_checked) return false;
  if (own.aip.empty()) return true;
  if (own.fci.empty() || !has_all_records(own.afl)) return false;
  if (own.issuer_data.empty()) return true;
  const auto pdol = emvcrypto::find_tlv(own.fci, 0x9F38);
  const auto entries = pdol ? emvcrypto::parse_dol(*pdol) : std::nullopt;
  return entries && std::all_of(kTerminalInput.begin(), kTerminalInput.end(), [&](const auto& one) {
           return std::count(entries->begin(), entries->end(), one) == 1;
         });
}

}  // namespace kpd::chip
