#include "cps/channel.h"

#include "cps/exchange.h"

namespace cps {
namespace {

using emvcrypto::Expected;
using emvcrypto::SecureChannel;
using Channel = std::unique_ptr<SecureChannel>;

constexpr std::uint16_t kDone = 0x9000;
constexpr std::size_t kChallengeSize = 8, kKeyDataSize = 10;
constexpr std::uint8_t kProtocol03 = 0x03;

Expected<Channel> make_channel(const ChannelRequest& request, KeyService& keys, ByteView answer,
                               const Bytes& challenge) {
  const auto protocol = emvcrypto::secure_channel_protocol(answer);
  if (!protocol) return tl::unexpected(protocol.error());
  if (*protocol == kProtocol03) {
    auto fields = emvcrypto::parse_initialize_update_03(answer);
    if (!fields) return tl::unexpected(fields.error());
    auto session_keys = keys.scp03_keys(request.role, *fields, challenge);
    return std::make_unique<emvcrypto::Scp03Session>(std::move(session_keys), *std::move(fields),
                                                     challenge);
  }
  auto fields = emvcrypto::parse_initialize_update(answer);
  if (!fields) return tl::unexpected(fields.error());
  auto session_keys = keys.scp02_keys(request.role, *fields);
  return std::make_unique<emvcrypto::Scp02Session>(std::move(session_keys), *std::move(fields),
                                                   challenge, request.icv_enciphered);
}

}  // namespace

Dialogue<ChannelOffer> offer_channel(ChannelRequest request, KeyService& keys, std::size_t* apdus) {
  const Bytes challenge = keys.random(kChallengeSize);
  ChannelOffer offer;
  auto update = exchange({0x80, 0x50, request.key_version, 0x00, challenge, 256}, apdus);
  offer.response = co_await update;
  if (offer.response.kind != Response::Kind::answered || offer.response.status() != kDone)
    co_return offer;
  auto channel = make_channel(request, keys, offer.response.data(), challenge);
  if (!channel) {
    offer.wrong = channel.error().reason;
  } else if (!(*channel)->card_is_genuine()) {
    offer.wrong = "the card's cryptogram does not fit its keys as derived here";
    offer.wrong_keys = true;
  } else {
    offer.channel = *std::move(channel);
    const ByteView key_data = offer.response.data().first(kKeyDataSize);
    offer.key_data.assign(key_data.begin(), key_data.end());
  }
  co_return offer;
}

Dialogue<Expected<Response>> exchange_secured(SecureChannel& channel, Command command,
                                              std::size_t* apdus) {
  Bytes secured = channel.wrap(command.header(), command.data);
  if (command.expected) secured.push_back(static_cast<std::uint8_t>(*command.expected & 0xFF));
  auto sending = exchange_raw(std::move(secured), apdus);
  Response response = co_await sending;
  if (response.kind != Response::Kind::answered) co_return response;
  const std::uint16_t status = response.status();
  auto plain = channel.unwrap(response.data(), status);
  if (!plain) co_return tl::unexpected(plain.error());
  emvcrypto::append_number(*plain, status, 2);
  response.bytes = *std::move(plain);
  co_return response;
}

}  // namespace cps
