/// Signed dynamic application data (EMV 4.4 Book 2, 6.5 and 6.6).
#include "emvcrypto/hash.h"
#include "kpd/chip/des.h"
#include "kpd/chip/dol.h"
#include "kpd/chip/payment_application.h"

namespace kpd::chip {
namespace {

using emvcrypto::append;
using emvcrypto::append_tlv;
using emvcrypto::concat;

constexpr std::size_t kSignatureOverhead = 25;  // 6A, format, hash algorithm, LDD, hash, BC
constexpr std::size_t kShortestUnknown = 4;     // without a DDOL the terminal sends its own number
constexpr std::size_t kNumberLength = 8;

}  // namespace

/// INTERNAL AUTHENTICATE (Book 3, 6.5.9); template 80 around the signature.
Answer PaymentApplication::internal_authenticate(const Command& command) {
  if (command.p1p2() != 0) return sw::wrong_parameters;
  if (tx_.stage == Transaction::Stage::selected || !data_.icc_key.is_ready()) return sw::conditions;
  const auto ddol = data_.records.find_object(0x9F49);
  const bool fits = ddol ? dol_data_length(*ddol) == command.data.size()
                         : command.data.size() >= kShortestUnknown;
  if (!fits) return sw::wrong_length;
  Bytes dynamic_data{static_cast<std::uint8_t>(dynamic_number().size())};
  append(dynamic_data, dynamic_number());
  const auto signature = sign_dynamic_data(dynamic_data, command.data);
  if (!signature) return sw::conditions;
  tx_.dynamic_signature = true;
  return Answer(emvcrypto::make_tlv(0x80, *signature));
}

/// The ICC dynamic number, 8 bytes, one a transaction: 3DES of ATC | 00*6 under its own key where
/// that was loaded, otherwise the ATC and 6 random bytes.
const Bytes& PaymentApplication::dynamic_number() {
  if (!tx_.dynamic_number.empty()) return tx_.dynamic_number;
  emvcrypto::append_number(tx_.dynamic_number, data_.atc, 2);
  tx_.dynamic_number.resize(kNumberLength);
  if (data_.dynamic_number_key.empty())
    random_(emvcrypto::MutableBytes(tx_.dynamic_number).subspan(2));
  else
    tx_.dynamic_number = cryptogram_block(data_.dynamic_number_key, tx_.dynamic_number);
  return tx_.dynamic_number;
}

/// 6A | 05 | 01 | LDD | data | BB* | SHA-1 | BC under the ICC private key (Book 2, 6.5.1);
/// nothing when the key is too short for the data.
std::optional<Bytes> PaymentApplication::sign_dynamic_data(ByteView dynamic_data,
                                                           ByteView hashed_with) const {
  const std::size_t size = data_.icc_key.size();
  if (size < dynamic_data.size() + kSignatureOverhead) return std::nullopt;
  Bytes body{0x05, 0x01, static_cast<std::uint8_t>(dynamic_data.size())};
  append(body, dynamic_data);
  body.resize(size - 22, 0xBB);
  const Bytes hash = emvcrypto::sha1({body, hashed_with});
  return data_.icc_key.apply(concat({Bytes{0x6A}, body, hash, Bytes{0xBC}}));
}

/// The answer to GENERATE AC with a combined signature (Book 2, 6.6.1): template 77 with CID, ATC,
/// signature and issuer application data. transaction_data: PDOL and CDOL values.
Answer PaymentApplication::combined_answer(AcType type, ByteView cryptogram, ByteView iad,
                                           ByteView transaction_data) {
  Bytes before = emvcrypto::make_tlv(0x9F27, Bytes{static_cast<std::uint8_t>(type)});
  Bytes atc;
  emvcrypto::append_number(atc, data_.atc, 2);
  append_tlv(before, 0x9F36, atc);
  const Bytes after = emvcrypto::make_tlv(0x9F10, iad);
  const Bytes transaction_hash = emvcrypto::sha1({transaction_data, before, after});
  const Bytes& number = dynamic_number();
  const Bytes dynamic_data =
      concat({Bytes{static_cast<std::uint8_t>(number.size())}, number,
              Bytes{static_cast<std::uint8_t>(type)}, cryptogram, transaction_hash});
  const auto signature = sign_dynamic_data(dynamic_data, terminal_value(0x9F37));
  if (!signature) return sw::conditions;
  Bytes inner = before;
  append_tlv(inner, 0x9F4B, *signature);
  append(inner, after);
  return Answer(emvcrypto::make_tlv(0x77, inner));
}

}  // namespace kpd::chip
