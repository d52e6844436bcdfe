/// A card in memory that takes personalisation as CPS describes it and keeps what it was given.
#pragma once

#include <map>
#include <optional>
#include <set>

#include "cps/card.h"
#include "cps/dgi.h"
#include "test/unit/cps/software_key_service.h"

namespace cps::test {

class ModelCard final : public Card {
 public:
  /// What an application received.
  struct Personalised {
    std::vector<Bytes> commands;  ///< STORE DATA after MAC and C-ENC came off: P1 P2 data
    std::map<DgiId, Bytes> dgis;  ///< complete ones, as received
    bool closed = false;
  };

  explicit ModelCard(Bytes kmc) : kmc_(std::move(kmc)) {}

  Bytes key_data = emvcrypto::from_hex("00010203040506070809");
  std::size_t largest_command = 255;           ///< Lc
  std::set<DgiId> unknown;                     ///< refused with 6A88
  bool counts_refused = true;                  ///< a refused block uses up its number
  std::map<std::size_t, std::string> instead;  ///< by APDU: hexadecimal, "lost", "broken"
  std::map<Bytes, Personalised> applications;  ///< by AID; these are on the card
  std::size_t apdus = 0;

  Bytes atr() const override { return {}; }
  bool reset(Reset) override { return true; }

  Response transmit(ByteView command, std::chrono::milliseconds) override {
    const auto other = instead.find(apdus++);
    if (other != instead.end()) {
      if (other->second == "lost") return {Response::Kind::lost, {}, "gone"};
      if (other->second == "broken") return {Response::Kind::broken, {}, "no service"};
      return answer(emvcrypto::from_hex(other->second));
    }
    return answer(respond(Bytes(command.begin(), command.end())));
  }

  /// The clear value of a secret DGI, as the card's session key opens it.
  Bytes open(const Bytes& aid, DgiId id) const {
    return SoftwareKeyService::decipher(key(CardKey::dek, Scp02Key::dek), 0x11,
                                        applications.at(aid).dgis.at(id));
  }

 private:
  static Response answer(Bytes bytes) { return {Response::Kind::answered, std::move(bytes), ""}; }
  static Bytes status(std::uint16_t value) {
    return {static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
  }

  Bytes key(CardKey card_key, Scp02Key use) const {
    return session_key(kmc_, key_data, card_key, use, sequence_);
  }

  Bytes respond(const Bytes& command) {
    switch (command.at(1)) {
      case 0xA4:
        return select(command);
      case 0x50:
        return initialize_update(command);
      case 0x82:
        return external_authenticate(command);
      case 0xE2:
        return store_data(command);
      default:
        return status(0x6D00);
    }
  }

  Bytes select(const Bytes& command) {
    selected_ = applications.find(Bytes(command.begin() + 5, command.end() - 1));
    authenticated_ = false;
    return status(selected_ == applications.end() ? 0x6A82 : 0x9000);
  }

  Bytes initialize_update(const Bytes& command) {
    if (selected_->second.closed) return status(0x6985);
    host_challenge_ = Bytes(command.begin() + 5, command.begin() + 13);
    sequence_ = Bytes{0x00, static_cast<std::uint8_t>(sequence_[1] + 1)};
    const Bytes cryptogram = emvcrypto::cbc_mac(
        *emvcrypto::make_des(key(CardKey::enc, Scp02Key::enc)),
        emvcrypto::pad_80(emvcrypto::concat({host_challenge_, sequence_, card_challenge_}), 8));
    return emvcrypto::concat(
        {key_data, Bytes{0x01, 0x02}, sequence_, card_challenge_, cryptogram, status(0x9000)});
  }

  Bytes external_authenticate(const Bytes& command) {
    const Bytes expected = emvcrypto::cbc_mac(
        *emvcrypto::make_des(key(CardKey::enc, Scp02Key::enc)),
        emvcrypto::pad_80(emvcrypto::concat({sequence_, card_challenge_, host_challenge_}), 8));
    last_mac_.clear();
    if (Bytes(command.begin() + 5, command.begin() + 13) != expected) return status(0x6300);
    if (!mac_is_right(ByteView(command).first(13), ByteView(command).subspan(13)))
      return status(0x6300);
    level_ = command[2];
    block_ = 0;
    pending_.clear();
    authenticated_ = true;
    return status(0x9000);
  }

  /// `covered`: header, Lc, clear data.
  bool mac_is_right(ByteView covered, ByteView mac) {
    const auto mac_key = emvcrypto::make_retail_mac_key(key(CardKey::mac, Scp02Key::mac));
    Bytes initial = last_mac_;
    if (!initial.empty()) mac_key.left->encrypt(initial);
    last_mac_ = emvcrypto::retail_mac(mac_key, emvcrypto::pad_80(covered, 8), initial);
    return last_mac_ == Bytes(mac.begin(), mac.end());
  }

  /// The clear data of a secured command; nothing when its MAC is wrong.
  std::optional<Bytes> unsecured(const Bytes& command) {
    Bytes data(command.begin() + 5, command.end());
    if (level_ == 0x00) return data;
    const Bytes mac(data.end() - 8, data.end());
    data.resize(data.size() - 8);
    if (level_ == 0x03) {
      const auto opened =
          SoftwareKeyService::decipher(key(CardKey::enc, Scp02Key::enc), 0x10, data);
      data = emvcrypto::unpad_80(opened).value_or(Bytes{});
    }
    Bytes covered(command.begin(), command.begin() + 4);
    covered.push_back(static_cast<std::uint8_t>(data.size() + 8));
    emvcrypto::append(covered, data);
    if (!mac_is_right(covered, mac)) return std::nullopt;
    return data;
  }

  Bytes store_data(const Bytes& command) {
    if (!authenticated_ || (level_ != 0x00) != (command[0] == 0x84)) return status(0x6982);
    if (command[4] > largest_command || command.size() != std::size_t{5} + command[4])
      return status(0x6700);
    const auto data = unsecured(command);
    if (!data) return status(0x6982);
    if (command[3] != block_) return status(0x6A86);
    Personalised& application = selected_->second;
    Bytes all = pending_;
    emvcrypto::append(all, *data);
    for (const DgiId id : unknown)
      if (all.size() > 1 && emvcrypto::to_number(ByteView(all).first(2)) == id) {
        if (counts_refused) ++block_;
        return status(0x6A88);
      }
    ++block_;
    Bytes kept{command[2], command[3]};
    emvcrypto::append(kept, *data);
    application.commands.push_back(kept);
    if (const auto dgis = parse_dgis(all)) {
      for (const Dgi& dgi : *dgis) application.dgis[dgi.id] = dgi.value;
      pending_.clear();
    } else {
      pending_ = all;
    }
    application.closed = (command[2] & 0x80) != 0;
    return status(application.closed && !pending_.empty() ? 0x6A80 : 0x9000);
  }

  Bytes kmc_;
  Bytes sequence_ = {0x00, 0x00};
  Bytes card_challenge_ = emvcrypto::from_hex("A1A2A3A4A5A6");
  Bytes host_challenge_, last_mac_, pending_;
  std::map<Bytes, Personalised>::iterator selected_ = applications.end();
  std::uint8_t level_ = 0, block_ = 0;
  bool authenticated_ = false;
};

}  // namespace cps::test
