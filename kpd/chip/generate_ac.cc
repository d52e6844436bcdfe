/// GENERATE AC (EMV 4.4 Book 3, 6.5.5) and the application cryptogram (Book 2, 8.1).
#include <algorithm>

#include "kpd/chip/des.h"
#include "kpd/chip/dol.h"
#include "kpd/chip/payment_application.h"

namespace kpd::chip {
namespace {

constexpr std::uint8_t kTypeBits = 0xC0;
constexpr std::uint8_t kCombinedBit = 0x10;
constexpr std::uint8_t kAipCombined = 0x01;
constexpr Tag kArc = 0x8A;

/// Authorisation response codes of a terminal that could not go online: "Y3", "Z3" (Book 4, A6).
bool says_unable_online(ByteView arc) {
  return arc.size() == 2 && (arc[0] == 'Y' || arc[0] == 'Z') && arc[1] == '3';
}

}  // namespace

Answer PaymentApplication::generate_ac(const Command& command) {
  const std::uint8_t type = command.p1 & kTypeBits;
  const bool reserved = type == kTypeBits || (command.p1 & ~(kTypeBits | kCombinedBit)) != 0;
  if (reserved || command.p2 != 0) return sw::wrong_parameters;
  const auto requested = static_cast<AcType>(type);
  const bool combined = (command.p1 & kCombinedBit) != 0 && (data_.aip[0] & kAipCombined) != 0 &&
                        data_.icc_key.is_ready();
  switch (tx_.stage) {
    case Transaction::Stage::initiated:
      return first_generate_ac(requested, combined, command.data);
    case Transaction::Stage::online:
      return second_generate_ac(requested, combined, command.data);
    default:
      return sw::conditions;
  }
}

Answer PaymentApplication::first_generate_ac(AcType requested, bool combined, ByteView data) {
  const ByteView cdol = data_.records.find_object(0x8C).value_or(ByteView{});
  if (!take_dol_data(cdol, data, tx_.terminal)) return sw::wrong_length;
  tx_.cdol1_data.assign(data.begin(), data.end());
  const AcType type = decide_first(requested);
  combined = combined && type != AcType::aac;
  const Bytes iad = issuer_application_data(type, std::nullopt, false, combined);
  tx_.first_type = type;
  tx_.ac_session_key = session_key();
  tx_.first_cryptogram = cryptogram(iad);
  tx_.stage = type == AcType::arqc ? Transaction::Stage::online : Transaction::Stage::finished;
  if (type == AcType::arqc) data_.online_unfinished = true;
  return cryptogram_answer(type, combined, iad, emvcrypto::concat({tx_.pdol_data, tx_.cdol1_data}));
}

Answer PaymentApplication::second_generate_ac(AcType requested, bool combined, ByteView data) {
  const ByteView cdol = data_.records.find_object(0x8D).value_or(ByteView{});
  tx_.terminal.erase(kArc);
  if (!take_dol_data(cdol, data, tx_.terminal)) return sw::wrong_length;
  const bool unable_online = says_unable_online(terminal_value(kArc));
  if (!unable_online) authenticate_issuer_by_cdol2();
  const AcType type =
      unable_online ? decide_second_offline(requested) : decide_second_online(requested);
  combined = combined && type != AcType::aac;
  const Bytes iad = issuer_application_data(tx_.first_type, type, unable_online, combined);
  tx_.stage = Transaction::Stage::finished;
  data_.online_unfinished = false;
  if (!unable_online) finish_online();
  return cryptogram_answer(type, combined, iad,
                           emvcrypto::concat({tx_.pdol_data, tx_.cdol1_data, data}));
}

/// Template 80: CID | ATC | AC | IAD, or the combined answer.
Answer PaymentApplication::cryptogram_answer(AcType type, bool combined, ByteView iad,
                                             ByteView transaction_data) {
  const Bytes code = cryptogram(iad);
  if (combined) return combined_answer(type, code, iad, transaction_data);
  Bytes answer{static_cast<std::uint8_t>(type)};
  emvcrypto::append_number(answer, data_.atc, 2);
  return Answer(emvcrypto::make_tlv(0x80, emvcrypto::concat({answer, code, iad})));
}

const CryptogramRule& PaymentApplication::rule() const {
  const IadShape shape = shape_of(config_.iad);
  return *find_rule(config_.iad, data_.issuer_data[shape.number_at]);
}

/// The key of this transaction's cryptograms and of the issuer's answer, 16 bytes. Both cryptograms
/// use the one of the first, whatever unpredictable number comes with the second.
Secret PaymentApplication::session_key() const {
  Bytes r;
  emvcrypto::append_number(r, data_.atc, 2);
  r.resize(8);
  switch (rule().key) {
    case AcKeyRule::master:
      return data_.ac_key.duplicate();
    case AcKeyRule::counter_and_unknown: {
      const ByteView unknown = terminal_value(0x9F37);
      std::copy_n(unknown.begin(), std::min<std::size_t>(unknown.size(), 4), r.begin() + 4);
      break;
    }
    case AcKeyRule::counter:
      break;
  }
  return diversified_key(data_.ac_key, r);
}

/// Terminal data | AIP | ATC | CVR or IAD | counters, under the session key, 8 bytes.
Bytes PaymentApplication::cryptogram(ByteView iad) const {
  const IadShape shape = shape_of(config_.iad);
  Bytes input;
  for (const auto& entry : kTerminalInput) emvcrypto::append(input, terminal_value(entry.tag));
  emvcrypto::append(input, aip());
  emvcrypto::append_number(input, data_.atc, 2);
  emvcrypto::append(input, rule().whole_iad ? iad : iad.subspan(shape.cvr_at, shape.cvr_length));
  if (rule().with_counters) emvcrypto::append(input, iad.subspan(shape.counters_at, 8));
  return retail_mac(tx_.ac_session_key,
                    rule().pad_with_zeros ? padded_zero(input) : padded_80(input));
}

/// The newest value that a DOL brought; empty when none did.
ByteView PaymentApplication::terminal_value(Tag tag) const {
  const auto found = tx_.terminal.find(tag);
  return found == tx_.terminal.end() ? ByteView{} : ByteView(found->second);
}

}  // namespace kpd::chip
