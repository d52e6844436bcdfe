#include "kpd/tester/generate_ac.h"

#include <algorithm>

#include "emvcrypto/hash.h"
#include "kpd/tester/oda.h"
#include "kpd/tester/tag_names.h"

namespace kpd::tester {
namespace {

using emvcrypto::Bytes;
using emvcrypto::ByteView;
using emvcrypto::Expected;

constexpr std::uint8_t kAskForCda = 0x10;  ///< bit 5 of P1
constexpr std::size_t kAcLength = 8, kHashLength = 20, kMaxIad = 32;

Bytes copy(ByteView bytes) {
  return {bytes.begin(), bytes.end()};
}

Expected<AcAnswer> parse_format_1(ByteView value) {
  constexpr std::size_t kFixed = 1 + 2 + kAcLength;
  if (value.size() < kFixed || value.size() > kFixed + kMaxIad)
    return emvcrypto::fault("ac-format", "format 1 has " + std::to_string(value.size()) + " bytes");
  AcAnswer answer;
  answer.cid = value.front();
  answer.atc = copy(value.subspan(1, 2));
  answer.ac = copy(value.subspan(3, kAcLength));
  answer.iad = copy(value.subspan(kFixed));
  return answer;
}

Expected<AcAnswer> parse_format_2(ByteView value) {
  const auto objects = emvcrypto::parse_tlv_list(value);
  if (!objects) return emvcrypto::fault("ac-format", "template 77 is malformed");
  AcAnswer answer;
  bool has_cid = false;
  for (const auto& object : *objects) {
    if (object.tag == tags::kSdad) {
      answer.signature = copy(object.value);
      continue;
    }
    emvcrypto::append(answer.hashed, object.whole);
    if (object.tag == tags::kCid && object.value.size() == 1) {
      answer.cid = object.value.front();
      has_cid = true;
    } else if (object.tag == tags::kAtc) {
      answer.atc = copy(object.value);
    } else if (object.tag == tags::kAc) {
      answer.ac = copy(object.value);
    } else if (object.tag == tags::kIad) {
      answer.iad = copy(object.value);
    }
  }
  const bool has_ac = answer.ac.size() == kAcLength || !answer.signature.empty();
  if (!has_cid || answer.atc.size() != 2 || !has_ac || answer.iad.size() > kMaxIad)
    return emvcrypto::fault("ac-format", "CID, ATC or the cryptogram is missing in template 77");
  return answer;
}

/// CDA in an answer; what is wrong becomes a finding. False when the answer is no use.
bool check_cda(ApplicationVisit& app, const AcRequest& request, AcAnswer& answer) {
  if (!app.icc_key || !request.cda) {
    app.find("oda.cda", "the card signed although the terminal did not ask for it", request.name);
    return false;
  }
  auto number = open_cda(*app.icc_key, request.unpredictable, request.transaction_data, answer);
  if (!number) {
    app.find("oda.cda", number.error().reason, request.name);
    app.report.cda = Outcome::failed;
    return answer.ac.size() == kAcLength;
  }
  app.terminal.set(tags::kIccDynamicNumber, *std::move(number));
  if (app.report.cda == Outcome::not_run) app.report.cda = Outcome::passed;
  return true;
}

}  // namespace

Expected<AcAnswer> parse_ac_answer(ByteView data) {
  ByteView rest = data;
  const auto outer = emvcrypto::next_tlv(rest);
  if (outer && rest.empty()) {
    if (outer->tag == tags::kFormat1) return parse_format_1(outer->value);
    if (outer->tag == tags::kFormat2) return parse_format_2(outer->value);
  }
  return emvcrypto::fault("ac-format", "the answer is neither template 80 nor 77");
}

Expected<Bytes> open_cda(const emvcrypto::RsaPublicKey& icc_key, ByteView unpredictable,
                         ByteView transaction_data, AcAnswer& answer) {
  const auto dynamic_data = emvcrypto::recover_sdad(icc_key, answer.signature, unpredictable);
  if (!dynamic_data) return tl::unexpected(dynamic_data.error());
  auto number = icc_dynamic_number(*dynamic_data);
  const std::size_t at = number ? 1 + number->size() : 0;
  if (!number || dynamic_data->size() < at + 1 + kAcLength + kHashLength)
    return emvcrypto::fault("cda-data", "the ICC dynamic data are not those of CDA");
  const ByteView rest = ByteView(*dynamic_data).subspan(at);
  if (rest.front() != answer.cid)
    return emvcrypto::fault("cda-cid", "the signed CID is not the CID of the answer");
  answer.ac = copy(rest.subspan(1, kAcLength));
  const ByteView hash = rest.subspan(1 + kAcLength, kHashLength);
  const Bytes expected = emvcrypto::sha1({transaction_data, answer.hashed});
  if (!std::equal(hash.begin(), hash.end(), expected.begin(), expected.end()))
    return emvcrypto::fault("cda-hash", "the card signed other transaction data than were sent");
  return *std::move(number);
}

cps::Dialogue<std::optional<AcAnswer>> generate_ac(ApplicationVisit& app, AcRequest request) {
  const auto p1 = static_cast<std::uint8_t>(static_cast<std::uint8_t>(request.type) |
                                            (request.cda ? kAskForCda : 0));
  if (request.dol_values.size() > 255) {
    app.find("ac.command", "the CDOL asks for more than a command can carry", request.name);
    co_return std::nullopt;
  }
  cps::Command command{0x80, 0xAE, p1, 0x00, request.dol_values, 256};
  auto sending = transact(app.card, request.name, std::move(command));
  const cps::Response response = co_await sending;
  if (app.card.gone) co_return std::nullopt;
  if (!answered(response)) {
    app.find("ac.command", cps::status_text(response.status()), request.name);
    co_return std::nullopt;
  }
  auto answer = parse_ac_answer(response.data());
  if (!answer) {
    app.find("ac.format", answer.error().reason, request.name);
    co_return std::nullopt;
  }
  const bool is_signed = !answer->signature.empty();
  if (request.cda && !is_signed && answer->type() != CryptogramType::aac) {
    app.find("oda.cda", "the card did not sign although the terminal asked for it", request.name);
    app.report.cda = Outcome::failed;
  }
  if (is_signed) {
    const bool usable = check_cda(app, request, *answer);
    if (!usable) co_return std::nullopt;
  }
  co_return std::optional<AcAnswer>(*std::move(answer));
}

}  // namespace kpd::tester
