#include "cps/exchange.h"
#include "cps/load_visit.h"

namespace cps {
namespace {

using emvcrypto::SecureChannel;
using Channel = std::unique_ptr<SecureChannel>;

constexpr std::uint16_t kAuthenticationFailed = 0x6300, kSecurityStatus = 0x6982;
constexpr std::uint16_t kSecureObjectWrong = 0x6988, kNotFound = 0x6A82;

LoadOutcome refusal_of_select(const Response& response) {
  return response.status() == kNotFound ? LoadOutcome::not_this_card : LoadOutcome::refused;
}

/// Whether the policy lets a card that speaks this protocol be loaded.
bool allows_protocol(const ChannelPolicy& policy, ByteView answer) {
  const auto protocol = emvcrypto::secure_channel_protocol(answer);
  return protocol && (*protocol == 3 ? policy.scp03 : policy.scp02);
}

LoadOutcome refusal_of_host(const Response& response) {
  const std::uint16_t status = response.status();
  const bool keys_differ =
      status == kAuthenticationFailed || status == kSecurityStatus || status == kSecureObjectWrong;
  return keys_differ ? LoadOutcome::wrong_keys : LoadOutcome::refused;
}

}  // namespace

Dialogue<bool> select_application(LoadVisit& visit, Bytes aid) {
  visit.aid = aid;
  visit.result.command = "SELECT";
  auto selection = exchange({0x00, 0xA4, 0x04, 0x00, std::move(aid), 256}, &visit.result.apdus);
  const Response response = co_await selection;
  co_return accepted(visit, response, refusal_of_select(response));
}

Dialogue<Channel> begin_session(LoadVisit& visit, ChannelRequest request) {
  visit.result.command = "INITIALIZE UPDATE";
  auto offering = offer_channel(std::move(request), visit.keys, &visit.result.apdus);
  ChannelOffer offer = co_await offering;
  if (!offer.key_data.empty()) visit.result.chip = offer.key_data;
  if (!accepted(visit, offer.response, refusal_at_start(offer.response))) co_return Channel();
  if (!offer.channel)
    end_load(visit, offer.wrong_keys ? LoadOutcome::wrong_keys : LoadOutcome::refused,
             offer.response.status(), offer.wrong);
  if (offer.channel && !allows_protocol(visit.options.channels, offer.response.data())) {
    end_load(visit, LoadOutcome::refused, offer.response.status(),
             "the policy does not allow the card's secure channel protocol");
    co_return Channel();
  }
  visit.key_data = std::move(offer.key_data);
  co_return std::move(offer.channel);
}

Dialogue<bool> authenticate(LoadVisit& visit, SecureChannel& session, std::uint8_t level) {
  visit.result.command = "EXTERNAL AUTHENTICATE";
  if (!session.knows_level(level)) {
    end_load(visit, LoadOutcome::bad_record, 0, "the card knows no such security level");
    co_return false;
  }
  const std::uint8_t least = visit.options.channels.least_level;
  if ((level & least) != least) {
    end_load(visit, LoadOutcome::bad_record, 0,
             "the record asks for a lower security level than the policy allows");
    co_return false;
  }
  LoadEvent event = event_of(visit);
  event.stores = false;
  visit.observer.before_irreversible(event);
  auto authentication = exchange_raw(session.external_authenticate(level), &visit.result.apdus);
  const Response response = co_await authentication;
  co_return accepted(visit, response, refusal_of_host(response));
}

}  // namespace cps
