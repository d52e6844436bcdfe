/// A small scripted card for the tests of the tester: it answers from a table, signs and computes
/// with clear keys, and can be told to misbehave.
#pragma once

#include <deque>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "cps/card.h"
#include "emvcrypto/certificates.h"
#include "emvcrypto/cryptogram.h"
#include "emvcrypto/hash.h"
#include "emvcrypto/tlv.h"

namespace tester_test {

using emvcrypto::Bytes;
using emvcrypto::ByteView;

/// A key pair of test/vectors/test_private_keys.json.
inline std::shared_ptr<emvcrypto::RsaSigner> test_signer(const std::string& id) {
  std::ifstream file(std::string(KPD_TEST_VECTORS) + "/test_private_keys.json");
  const auto vectors = nlohmann::json::parse(file).at("vectors");
  for (const auto& vector : vectors) {
    if (vector.at("id") != id) continue;
    const auto& in = vector.at("inputs");
    const auto number = [&in](const char* name) {
      return emvcrypto::Secret(emvcrypto::from_hex(in.at(name).get<std::string>()));
    };
    emvcrypto::RsaPublicKey key{emvcrypto::from_hex(in.at("n").get<std::string>()),
                                {static_cast<std::uint8_t>(in.at("e").get<int>())}};
    emvcrypto::RsaPrivateCrt crt{number("p"), number("q"), number("dp"), number("dq"),
                                 number("qinv")};
    return emvcrypto::make_rsa_signer(key, crt);
  }
  throw std::runtime_error("no such test key: " + id);
}

inline Bytes sign(emvcrypto::RsaSigner& signer, const Bytes& block) {
  return signer.sign_raw(std::vector<Bytes>{block}).front();
}

/// One application of the fake card.
struct FakeApplication {
  Bytes aid, fci, aip, afl;
  std::map<std::pair<int, int>, Bytes> records;  ///< by SFI and number
  std::map<int, Bytes> data_objects;             ///< for GET DATA: whole TLV
  std::shared_ptr<emvcrypto::RsaSigner> icc;
  Bytes udk;  ///< 16 bytes
  const emvcrypto::CryptogramVersion* version = nullptr;
  Bytes iad;
  Bytes pin_block;
  int tries = 3;
  bool gpo_format_2 = false;

  bool spoil_signature = false;         ///< SDAD over something else
  bool spoil_transaction_hash = false;  ///< CDA over other data than received
  bool decline = false;                 ///< AAC at the first GENERATE AC
  bool loosen = false;                  ///< TC where an ARQC was asked for
  bool decline_second = false;
};

class FakeCard : public cps::Card {
 public:
  std::map<Bytes, Bytes> directories;  ///< FCI by name
  std::map<std::pair<int, int>, Bytes> pse_records;
  std::vector<FakeApplication> applications;
  int lost_at = -1;  ///< the command that loses the card, from 0
  Bytes always;      ///< answer to everything, when not empty
  int verifies = 0;  ///< VERIFY commands seen
  int sent = 0;

  Bytes atr() const override { return {0x3B, 0x00}; }
  bool reset(cps::Reset) override { return true; }

  cps::Response transmit(ByteView apdu, std::chrono::milliseconds) override {
    if (sent++ == lost_at) return {cps::Response::Kind::lost, {}, "pulled out"};
    if (!always.empty()) return {cps::Response::Kind::answered, always, ""};
    const Bytes data =
        apdu.size() > 5 ? Bytes(apdu.begin() + 5, apdu.begin() + 5 + apdu[4]) : Bytes();
    return {cps::Response::Kind::answered, answer(apdu[1], apdu[2], apdu[3], data), ""};
  }

 private:
  static Bytes status(std::uint16_t sw) {
    return {static_cast<std::uint8_t>(sw >> 8), static_cast<std::uint8_t>(sw)};
  }
  static Bytes good(ByteView data) { return emvcrypto::concat({data, status(0x9000)}); }

  Bytes answer(std::uint8_t ins, std::uint8_t p1, std::uint8_t p2, const Bytes& data) {
    if (ins == 0xA4) return select(data);
    if (ins == 0xB2) return read(p2 >> 3, p1);
    if (!app_) return status(0x6985);
    switch (ins) {
      case 0xA8:
        pdol_ = Bytes(data.begin() + 2, data.end());
        return options();
      case 0xCA: {
        const auto found = app_->data_objects.find(p1 << 8 | p2);
        if (p1 == 0x9F && p2 == 0x17)
          return good(Bytes{0x9F, 0x17, 0x01, static_cast<std::uint8_t>(app_->tries)});
        return found == app_->data_objects.end() ? status(0x6A88) : good(found->second);
      }
      case 0x84:
        challenge_ = emvcrypto::from_hex("0102030405060708");
        return good(challenge_);
      case 0x20:
        return verify(p2, data);
      case 0x88:
        return good(emvcrypto::make_tlv(0x80, signature({}, data)));
      case 0xAE:
        return generate(p1, data);
      case 0x82:
        return issuer_data_is_right(data) ? status(0x9000) : status(0x6300);
      default:
        return status(0x6D00);
    }
  }

  Bytes select(const Bytes& name) {
    app_ = nullptr;
    if (const auto found = directories.find(name); found != directories.end())
      return good(found->second);
    for (auto& app : applications) {
      if (app.aid != name) continue;
      app_ = &app;
      first_done_ = false;
      return good(app.fci);
    }
    return status(0x6A82);
  }

  Bytes read(int sfi, int number) {
    const auto& records = app_ ? app_->records : pse_records;
    const auto found = records.find({sfi, number});
    return found == records.end() ? status(0x6A83) : good(found->second);
  }

  Bytes options() {
    if (!app_->gpo_format_2)
      return good(emvcrypto::make_tlv(0x80, emvcrypto::concat({app_->aip, app_->afl})));
    return good(
        emvcrypto::make_tlv(0x77, emvcrypto::concat({emvcrypto::make_tlv(0x82, app_->aip),
                                                     emvcrypto::make_tlv(0x94, app_->afl)})));
  }

  Bytes verify(std::uint8_t how, const Bytes& data) {
    ++verifies;
    Bytes block = data;
    if (how == 0x88) {
      const Bytes opened = sign(*app_->icc, data);
      if (opened[0] != 0x7F || Bytes(opened.begin() + 9, opened.begin() + 17) != challenge_)
        return status(0x6984);
      block.assign(opened.begin() + 1, opened.begin() + 9);
    }
    if (block == app_->pin_block) return status(0x9000);
    return status(static_cast<std::uint16_t>(0x63C0 + --app_->tries));
  }

  /// SDAD with an ICC dynamic number of 8 bytes, then `more`.
  Bytes signature(const Bytes& more, const Bytes& terminal_data) {
    Bytes dynamic = emvcrypto::from_hex("08A1A2A3A4A5A6A7A8");
    emvcrypto::append(dynamic, more);
    Bytes covered = terminal_data;
    if (app_->spoil_signature) covered.push_back(0);
    return sign(*app_->icc,
                emvcrypto::sdad_block(dynamic, covered, app_->icc->public_key().size()));
  }

  emvcrypto::RetailMacKey key(emvcrypto::SessionKeyRule rule) const {
    const Bytes input = emvcrypto::session_key_input(rule, atc_, unpredictable_);
    const auto secret = emvcrypto::derive_session_key(emvcrypto::Secret(app_->udk), input);
    return emvcrypto::make_retail_mac_key(secret.expose());
  }

  bool issuer_data_is_right(ByteView data) const {
    const auto& version = *app_->version;
    if (version.arpc == emvcrypto::ArpcMethod::one)
      return data.size() == 10 &&
             emvcrypto::arpc_method_1(*key(version.arpc_key).whole, arqc_, data.subspan(8)) ==
                 Bytes(data.begin(), data.begin() + 8);
    return data.size() == 8 &&
           emvcrypto::arpc_method_2(key(version.arpc_key), arqc_, data.subspan(4), {}) ==
               Bytes(data.begin(), data.begin() + 4);
  }

  /// The CDOLs of these tests end with the 29 bytes that the cryptogram covers.
  Bytes generate(std::uint8_t p1, const Bytes& data) {
    const Bytes covered(data.end() - 29, data.end());
    unpredictable_.assign(covered.end() - 4, covered.end());
    std::uint8_t cid = p1 & 0xC0;
    if (!first_done_ && app_->decline) cid = 0x00;
    if (!first_done_ && app_->loosen) cid = 0x40;
    if (first_done_ && app_->decline_second) cid = 0x00;
    if (first_done_ && data.size() == 29 + 2 + 8 &&
        !issuer_data_is_right(ByteView(data).subspan(2, 8)))
      cid = 0x00;
    const auto& version = *app_->version;
    const Bytes ac = emvcrypto::application_cryptogram(
        key(version.session_key),
        emvcrypto::cryptogram_input(version, covered, app_->aip, atc_, app_->iad), version.padding);
    Bytes hashed = emvcrypto::concat({pdol_, first_done_ ? cdol1_ : Bytes(), data});
    if (!first_done_) {
      arqc_ = ac;
      cdol1_ = data;
    }
    first_done_ = true;
    if ((p1 & 0x10) == 0 || cid == 0)
      return good(emvcrypto::make_tlv(0x80, emvcrypto::concat({Bytes{cid}, atc_, ac, app_->iad})));
    if (app_->spoil_transaction_hash) hashed.back() ^= 1;
    const Bytes objects = emvcrypto::concat({emvcrypto::make_tlv(0x9F27, Bytes{cid}),
                                             emvcrypto::make_tlv(0x9F36, atc_),
                                             emvcrypto::make_tlv(0x9F10, app_->iad)});
    const Bytes sdad = signature(
        emvcrypto::concat({Bytes{cid}, ac, emvcrypto::sha1({hashed, objects})}), unpredictable_);
    return good(
        emvcrypto::make_tlv(0x77, emvcrypto::concat({objects, emvcrypto::make_tlv(0x9F4B, sdad)})));
  }

  FakeApplication* app_ = nullptr;
  bool first_done_ = false;
  Bytes pdol_, cdol1_, challenge_, unpredictable_, arqc_;
  Bytes atc_{0x00, 0x07};
};

}  // namespace tester_test
