#include "kpd/station/identify.h"

#include <algorithm>

#include "cps/exchange.h"
#include "emvcrypto/afl.h"
#include "emvcrypto/hash.h"
#include "emvcrypto/tlv.h"

namespace kpd {
namespace {

constexpr emvcrypto::Tag kPan = 0x5A;
constexpr emvcrypto::Tag kPsn = 0x5F34;
constexpr emvcrypto::Tag kPdol = 0x9F38;
constexpr emvcrypto::Tag kFormat1 = 0x80;
constexpr emvcrypto::Tag kAfl = 0x94;
constexpr std::uint16_t kDone = 0x9000, kEndOfFile = 0x6282;
constexpr std::size_t kMarkLength = 240;  ///< as much of a file or record as makes the mark

/// Takes PAN and PSN from a record, where it holds them.
void take(ByteView record, CardIdentity& identity) {
  if (const auto pan = emvcrypto::find_tlv(record, kPan)) {
    const std::string digits = emvcrypto::to_hex(*pan);
    identity.pan = digits.substr(0, digits.find('F'));
  }
  if (const auto psn = emvcrypto::find_tlv(record, kPsn)) identity.psn = emvcrypto::to_hex(*psn);
}

/// GET PROCESSING OPTIONS with as many zeros as the PDOL asks for.
cps::Command processing_options(ByteView fci) {
  std::size_t length = 0;
  if (const auto pdol = emvcrypto::find_tlv(fci, kPdol))
    if (const auto entries = emvcrypto::parse_dol(*pdol))
      for (const emvcrypto::DolEntry& entry : *entries) length += entry.length;
  cps::Command command{0x80, 0xA8, 0x00, 0x00, {}, 256};
  command.data = emvcrypto::make_tlv(0x83, Bytes(std::min<std::size_t>(length, 250)));
  return command;
}

Bytes afl_of(ByteView options) {
  if (const auto format_1 = emvcrypto::find_tlv(options, kFormat1);
      format_1 && format_1->size() > 2)
    return Bytes(format_1->begin() + 2, format_1->end());
  if (const auto afl = emvcrypto::find_tlv(options, kAfl)) return Bytes(afl->begin(), afl->end());
  return {};
}

Bytes mark_of(const IdentityPlace& place, ByteView content) {
  Bytes id;
  emvcrypto::append_number(id, place.dgi, 2);
  return emvcrypto::sha256({place.aid, id, content.first(std::min(kMarkLength, content.size()))});
}

/// The commands that read a place, after its application was selected.
std::vector<cps::Command> reading(const IdentityPlace& place) {
  const auto high = static_cast<std::uint8_t>(place.dgi >> 8);
  const auto low = static_cast<std::uint8_t>(place.dgi & 0xFF);
  if (!place.is_file) return {{0x00, 0xB2, low, static_cast<std::uint8_t>(high << 3 | 4), {}, 256}};
  return {{0x00, 0xA4, 0x02, 0x0C, {high, low}, std::nullopt},
          {0x00, 0xB0, 0x00, 0x00, {}, static_cast<std::uint16_t>(kMarkLength)}};
}

cps::Dialogue<Bytes> read_mark(IdentityPlace place) {
  std::vector<cps::Command> commands = reading(place);
  commands.insert(commands.begin(), {0x00, 0xA4, 0x04, 0x00, place.aid, 256});
  cps::Response response;
  for (cps::Command& command : commands) {
    auto sending = cps::exchange(std::move(command));
    response = co_await sending;
    const bool done = response.kind == cps::Response::Kind::answered &&
                      (response.status() == kDone || response.status() == kEndOfFile);
    if (!done) co_return Bytes{};
  }
  co_return response.data().empty() ? Bytes{} : mark_of(place, response.data());
}

bool pays(const cps::Application& application, const IdentityPlan& plan) {
  return std::find(plan.paying.begin(), plan.paying.end(), application.aid) != plan.paying.end();
}

}  // namespace

cps::Dialogue<CardIdentity> identify(IdentityPlan plan) {
  CardIdentity identity;
  for (const Bytes& aid : plan.paying) {
    const cps::Command select{0x00, 0xA4, 0x04, 0x00, aid, 256};
    const cps::Response fci = co_await cps::exchange(select);
    if (fci.kind != cps::Response::Kind::answered) break;
    if (fci.status() != kDone) continue;
    const cps::Command gpo = processing_options(fci.data());
    const cps::Response options = co_await cps::exchange(gpo);
    if (options.status() != kDone) continue;
    const Bytes afl = afl_of(options.data());
    const auto entries = emvcrypto::parse_afl(afl);
    if (!entries) continue;
    for (const emvcrypto::AflEntry& entry : *entries) {
      for (unsigned number = entry.first; number <= entry.last && identity.psn.empty(); ++number) {
        const cps::Command read{0x00,
                                0xB2,
                                static_cast<std::uint8_t>(number),
                                static_cast<std::uint8_t>(entry.sfi << 3 | 4),
                                {},
                                256};
        const cps::Response record = co_await cps::exchange(read);
        if (record.status() != kDone) break;
        take(record.data(), identity);
      }
    }
    if (identity.known()) co_return identity;
  }
  for (const IdentityPlace& place : plan.places) {
    auto marking = read_mark(place);
    identity.mark = co_await marking;
    if (identity.known()) break;
  }
  co_return identity;
}

CardIdentity identify(const cps::Record& record, const IdentityPlan& plan) {
  CardIdentity identity;
  for (const cps::Application& application : record.applications)
    for (const cps::Dgi& dgi : application.dgis)
      if (pays(application, plan) && dgi.id >> 8 >= 1 && dgi.id >> 8 <= 10)
        take(dgi.value, identity);
  if (identity.known()) return identity;
  for (const IdentityPlace& place : plan.places)
    for (const cps::Application& application : record.applications)
      for (const cps::Dgi& dgi : application.dgis)
        if (identity.mark.empty() && application.aid == place.aid && dgi.id == place.dgi)
          identity.mark = mark_of(place, dgi.value);
  return identity;
}

}  // namespace kpd
