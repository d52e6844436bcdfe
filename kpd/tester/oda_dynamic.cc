// DDA: the card signs the terminal's unpredictable number (EMV 4.4 Book 2, 6.5).
#include <algorithm>

#include "kpd/tester/oda.h"
#include "kpd/tester/tag_names.h"

namespace kpd::tester {
namespace {

using emvcrypto::Bytes;
using emvcrypto::ByteView;

constexpr emvcrypto::DolEntry kDefaultDdol{tags::kUnpredictable, 4};

/// The DDOL, or the default one when the card has none; nothing when it is no use for DDA.
std::optional<std::vector<emvcrypto::DolEntry>> ddol_of(const ApplicationVisit& app) {
  if (!app.data.has(tags::kDdol)) return std::vector{kDefaultDdol};
  auto ddol = emvcrypto::parse_dol(app.data.get(tags::kDdol));
  if (!ddol) return std::nullopt;
  const bool random = std::any_of(ddol->begin(), ddol->end(), [](const auto& entry) {
    return entry.tag == tags::kUnpredictable && entry.length > 0;
  });
  return random ? ddol : std::nullopt;
}

/// The signature out of format 1 (80) or 2 (77).
std::optional<Bytes> signature_of(ByteView answer) {
  ByteView rest = answer;
  const auto outer = emvcrypto::next_tlv(rest);
  if (!outer || !rest.empty()) return std::nullopt;
  if (outer->tag == tags::kFormat1) return Bytes(outer->value.begin(), outer->value.end());
  if (outer->tag != tags::kFormat2) return std::nullopt;
  const auto sdad = emvcrypto::find_tlv(outer->value, tags::kSdad);
  return sdad ? std::optional(Bytes(sdad->begin(), sdad->end())) : std::nullopt;
}

/// Whether the signature is right; keeps the ICC dynamic number.
bool signature_holds(ApplicationVisit& app, ByteView answer, ByteView signed_values) {
  const auto sdad = signature_of(answer);
  if (!sdad) {
    app.find("oda.dda", "the answer to INTERNAL AUTHENTICATE holds no signature");
    return false;
  }
  const auto dynamic_data = emvcrypto::recover_sdad(*app.icc_key, *sdad, signed_values);
  if (!dynamic_data) {
    app.find("oda.dda", dynamic_data.error().reason);
    return false;
  }
  auto number = icc_dynamic_number(*dynamic_data);
  if (!number) {
    app.find("oda.dda", "the ICC dynamic number has no length of 2 to 8");
    return false;
  }
  app.terminal.set(tags::kIccDynamicNumber, *std::move(number));
  return true;
}

}  // namespace

cps::Dialogue<bool> authenticate_dynamically(ApplicationVisit& app) {
  if (!app.aip_has(kAipDda)) co_return true;
  app.report.dda = Outcome::failed;
  if (!app.icc_key) {
    app.terminal.raise(TvrBit::dda_failed);
    co_return true;
  }
  const auto ddol = ddol_of(app);
  if (!ddol) {
    app.find("oda.dda.ddol", "9F49 is " + emvcrypto::to_hex(app.data.get(tags::kDdol)));
    app.terminal.raise(TvrBit::dda_failed);
    co_return true;
  }
  app.terminal.set(tags::kUnpredictable, app.card.request.ports.random(4));
  const Bytes values = joined(app.terminal.fill(*ddol, app.data));
  if (values.size() > 255) {
    app.find("oda.dda.ddol", "9F49 asks for more than a command can carry");
    co_return true;
  }
  cps::Command command{0x00, 0x88, 0x00, 0x00, values, 256};
  auto sending = transact(app.card, "INTERNAL AUTHENTICATE", std::move(command));
  const cps::Response response = co_await sending;
  if (app.card.gone) co_return false;
  if (!answered(response))
    app.find("oda.dda", cps::status_text(response.status()), "INTERNAL AUTHENTICATE");
  else if (signature_holds(app, response.data(), values))
    app.report.dda = Outcome::passed;
  if (app.report.dda != Outcome::passed) app.terminal.raise(TvrBit::dda_failed);
  co_return true;
}

}  // namespace kpd::tester
