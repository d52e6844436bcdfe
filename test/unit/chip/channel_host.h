/// A host of the other layer's making at the chip's other end: any protocol, any command.
#pragma once

#include <stdexcept>

#include "emvcrypto/scp02.h"
#include "emvcrypto/scp03.h"
#include "host_session.h"

namespace chiptest {

/// SCP02 or SCP03 as emvcrypto speaks it, whichever the chip answers with.
class ChannelHost {
 public:
  ChannelHost(ChipPort& chip, HostKeys keys) : chip_(chip), keys_(std::move(keys)) {}

  Reply initialize(const char* header = "80500000") {
    const Bytes challenge = from_hex("0011223344556677");
    const Reply reply = send(chip_, apdu(header, challenge));
    if (reply.status != 0x9000) return reply;
    if (emvcrypto::secure_channel_protocol(reply.data).value() == 0x02)
      begin_02(reply.data, challenge);
    else
      begin_03(reply.data, challenge);
    return reply;
  }

  unsigned authenticate(std::uint8_t level) {
    number_ = 0;
    return send(chip_, channel_->external_authenticate(level)).status;
  }

  /// INITIALIZE UPDATE and EXTERNAL AUTHENTICATE.
  unsigned open(std::uint8_t level, const char* header = "80500000") {
    const Reply reply = initialize(header);
    return reply.status == 0x9000 ? authenticate(level) : reply.status;
  }

  /// A command through the channel; the answer without its protection, which must be right.
  Reply run(const char* header, const Bytes& data = {}) {
    Reply reply = send(chip_, channel_->wrap(from_hex(header), data));
    const auto plain = channel_->unwrap(reply.data, static_cast<std::uint16_t>(reply.status));
    if (!plain) throw std::runtime_error(plain.error().code);
    reply.data = *plain;
    return reply;
  }

  /// STORE DATA with the next block number.
  unsigned store(unsigned p1, const Bytes& data) {
    const Bytes header{0x80, 0xE2, static_cast<std::uint8_t>(p1),
                       static_cast<std::uint8_t>(number_)};
    const unsigned status = run(to_hex(header).c_str(), data).status;
    if (status == 0x9000 || status == 0x6A88) ++number_;
    return status;
  }

  /// A secret under the channel's DEK; padded where it is no whole number of blocks.
  Bytes encipher(Bytes value) {
    if (value.size() % channel_->block_size() != 0) {
      value.push_back(0x80);
      while (value.size() % channel_->block_size() != 0) value.push_back(0);
    }
    channel_->encipher_for_card(value);
    return value;
  }

  /// Stores all groupings, a long one in pieces, then 7FFF in the last block.
  unsigned personalise(const Dgis& dgis) {
    number_ = 0;
    for (const auto& [id, value] : dgis) {
      const bool secret = HostSession::is_secret(id);
      const Bytes whole = dgi(id, secret ? encipher(value) : value);
      for (std::size_t at = 0; at < whole.size(); at += kPiece) {
        const auto begin = whole.begin() + static_cast<std::ptrdiff_t>(at);
        const std::size_t size = std::min(kPiece, whole.size() - at);
        const unsigned status =
            store(secret ? 0x60 : 0, Bytes(begin, begin + static_cast<std::ptrdiff_t>(size)));
        if (status != 0x9000) return status;
      }
    }
    return store(0x80, dgi(0x7FFF, {}));
  }

  bool card_is_genuine() { return channel_->card_is_genuine(); }
  emvcrypto::SecureChannel& channel() { return *channel_; }

 private:
  static constexpr std::size_t kPiece = 200;

  void begin_02(const Bytes& answer, const Bytes& challenge) {
    const auto fields = emvcrypto::parse_initialize_update(answer).value();
    const auto key = [&](const Bytes& card_key, emvcrypto::Scp02Key which) {
      return emvcrypto::derive_scp02_key(emvcrypto::Secret(card_key), which, fields.sequence);
    };
    const auto mac = key(keys_.mac, emvcrypto::Scp02Key::mac);
    emvcrypto::Scp02Keys keys;
    keys.enc = emvcrypto::make_des(key(keys_.enc, emvcrypto::Scp02Key::enc).expose());
    keys.mac = emvcrypto::make_retail_mac_key(mac.expose());
    keys.dek = emvcrypto::make_des(key(keys_.dek, emvcrypto::Scp02Key::dek).expose());
    channel_ = std::make_unique<emvcrypto::Scp02Session>(std::move(keys), fields, challenge, true);
  }

  void begin_03(const Bytes& answer, const Bytes& challenge) {
    const auto fields = emvcrypto::parse_initialize_update_03(answer).value();
    const emvcrypto::Scp03CardKeys card{emvcrypto::Secret(keys_.enc), emvcrypto::Secret(keys_.mac),
                                        emvcrypto::Secret(keys_.dek)};
    channel_ = std::make_unique<emvcrypto::Scp03Session>(
        emvcrypto::scp03_session_keys(card, concat({challenge, ByteView(fields.challenge)})),
        fields, challenge);
  }

  ChipPort& chip_;
  HostKeys keys_;
  unsigned number_ = 0;
  std::unique_ptr<emvcrypto::SecureChannel> channel_;
};

}  // namespace chiptest
