/// The host's end of a secure channel in a dialogue: opening it, sending commands through it.
#pragma once

#include <optional>

#include "cps/dialogue.h"
#include "cps/session_keys.h"

namespace cps {

/// How a channel is opened.
struct ChannelRequest {
  std::string role = kCardRole;  ///< of the keys
  std::uint8_t key_version = 0;  ///< P1 of INITIALIZE UPDATE; 00: the card's own choice
  bool icv_enciphered = true;    ///< SCP02 i = 15 or 55; false: i = 05 or 45
};

/// What came of INITIALIZE UPDATE.
struct ChannelOffer {
  std::unique_ptr<emvcrypto::SecureChannel> channel;  ///< nothing: see the rest
  Bytes key_data;                                     ///< KEYDATA, when there is a channel
  Response response;                                  ///< of the card
  std::string wrong;        ///< why the answer could not be used; empty when the status tells it
  bool wrong_keys = false;  ///< the card's cryptogram does not fit its keys as derived here
};

/// INITIALIZE UPDATE and the check of the card's cryptogram, in the protocol that the card names
/// (GlobalPlatform Card Specification 2.3, E.5.1; Amendment D, 7.1.1). `apdus` counts what is sent.
Dialogue<ChannelOffer> offer_channel(ChannelRequest request, KeyService& keys, std::size_t* apdus);

/// A command through the channel, with the answer's data in clear; 61xx and 6Cxx as exchange() has
/// them. Fault "scp-response": the answer's MAC or padding is wrong, and nothing of this session
/// may be trusted any more. Throws as SecureChannel::wrap.
Dialogue<emvcrypto::Expected<Response>> exchange_secured(emvcrypto::SecureChannel& channel,
                                                         Command command, std::size_t* apdus);

}  // namespace cps
