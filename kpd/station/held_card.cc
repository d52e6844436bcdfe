#include "kpd/station/held_card.h"

#include <algorithm>
#include <array>

#include "cps/exchange.h"
#include "emvcrypto/tlv.h"

namespace kpd {
namespace {

constexpr emvcrypto::Tag kPan = 0x5A;
constexpr std::ptrdiff_t kKeyDataSize = 10;
/// Of an application that takes no more personalisation: not now, not this instruction, not this
/// class.
constexpr std::array<std::uint16_t, 3> kPersonalised{0x6985, 0x6D00, 0x6E00};

bool is_record(const cps::Dgi& dgi) {
  return dgi.id >> 8 >= 1 && dgi.id >> 8 <= 10;
}

/// What one application says.
cps::Dialogue<Held> ask(Bytes aid, const Bytes& challenge, Bytes& chip) {
  auto selecting = cps::exchange({0x00, 0xA4, 0x04, 0x00, std::move(aid), 256});
  const cps::Response selected = co_await selecting;
  if (selected.status() != 0x9000) co_return Held::unknown;
  auto asking = cps::exchange({0x80, 0x50, 0x00, 0x00, challenge, 256});
  const cps::Response answer = co_await asking;
  if (std::ranges::find(kPersonalised, answer.status()) != kPersonalised.end()) co_return Held::all;
  if (answer.status() != 0x9000) co_return Held::unknown;
  const ByteView data = answer.data();
  if (data.size() >= kKeyDataSize) chip.assign(data.begin(), data.begin() + kKeyDataSize);
  co_return Held::nothing;
}

}  // namespace

IdentityPlan identity_plan(const cps::Record& record) {
  IdentityPlan plan;
  for (const cps::Application& application : record.applications) {
    const auto& dgis = application.dgis;
    const auto first = std::ranges::find_if(dgis, is_record);
    if (first == dgis.end()) continue;
    const bool pays = std::ranges::any_of(dgis, [](const cps::Dgi& dgi) {
      return is_record(dgi) && emvcrypto::find_tlv(dgi.value, kPan).has_value();
    });
    if (pays)
      plan.paying.push_back(application.aid);
    else
      plan.places.push_back({application.aid, first->id, false});
  }
  return plan;
}

cps::Dialogue<HeldAnswer> ask_what_it_holds(const cps::Record& record, const Bytes& challenge) {
  HeldAnswer answer;
  for (const cps::Application& application : record.applications) {
    auto asking = ask(application.aid, challenge, answer.chip);
    const Held held = co_await asking;
    if (held == Held::unknown) co_return answer;
    answer.personalised.push_back(held == Held::all);
  }
  const auto count = std::ranges::count(answer.personalised, true);
  const bool all = static_cast<std::size_t>(count) == answer.personalised.size();
  answer.held = count == 0 ? Held::nothing : all ? Held::all : Held::part;
  if (count == 0) co_return answer;
  auto identifying = identify(identity_plan(record));
  answer.identity = co_await identifying;
  co_return answer;
}

}  // namespace kpd
