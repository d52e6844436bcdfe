/// A record with two applications, the keys that it is made for and the card that it fits.
#pragma once

#include "cps/loader.h"
#include "test/unit/cps/model_card.h"

namespace cps::test {

struct LoadFixture {
  const Bytes kmc = emvcrypto::from_hex("404142434445464748494A4B4C4D4E4F");
  const Bytes transport_key = emvcrypto::from_hex("0123456789ABCDEFFEDCBA9876543210");
  const Bytes key_id = {'T', 'K', '0', '1'};
  const Bytes directory = emvcrypto::from_hex("0102030405");
  const Bytes payment = emvcrypto::from_hex("A1B2C3D4E50102");
  const Bytes card_keys = Bytes(48, 0x5C);  ///< clear value of DGI 8000
  const Bytes pin = emvcrypto::from_hex("241234FFFFFFFFFF");
  const Bytes mac_key = Bytes(16, 0x3D);

  Record record;
  LoadOptions options;
  SoftwareKeyService keys{kmc};
  ModelCard card{kmc};

  explicit LoadFixture(std::uint8_t security_level = 0x01, std::uint8_t mode = 0x11) {
    keys.transport_keys[key_id] = transport_key;
    Application first, second;
    first.aid = directory;
    first.steps = {Step{}};
    first.steps[0].instructions.security_level = security_level;
    first.dgis = {{0x0101, Bytes(30, 0x70)}, {0x9102, Bytes(20, 0xA5)}};
    second.aid = payment;
    second.steps = first.steps;
    second.dgis = {{0x0101, Bytes(200, 0x71)},
                   {0x0102, Bytes(700, 0x72)},
                   {0x8000, under_transport_key(card_keys, mode)},
                   {0x9000, Bytes(9, 0x90)},
                   {0x8010, under_transport_key(pin, mode)},
                   {0x9010, {0x03, 0x03}}};
    second.transport_keys = {{key_id, 0x20, mode, {0x8000, 0x8010}}};
    second.steps[0].instructions.enciphered = {{0x8000, 0x11}, {0x8010, 0x11}};
    record.reference = {0x01, 0x02};
    record.applications = {first, second};
    sign();
    card.applications[directory];
    card.applications[payment];
  }

  DeviceInstructions& instructions() { return record.applications[1].steps[0].instructions; }

  /// Puts a right MAC on both applications.
  void sign() {
    Bytes enciphered = mac_key;
    emvcrypto::make_des(keys.mac_kek)->encrypt(enciphered);
    for (std::size_t i = 0; i < record.applications.size(); ++i) {
      record.applications[i].mac_key = enciphered;
      record.applications[i].mac =
          SoftwareKeyService::mac_of(mac_key, mac_input(record, i, options.layout));
    }
  }

  LoadResult load() {
    NullLoadObserver observer;
    return load(observer);
  }
  LoadResult load(LoadObserver& observer) {
    return drive(load_record(record, options, keys, observer), card,
                 std::chrono::milliseconds(1000));
  }

 private:
  Bytes under_transport_key(Bytes value, std::uint8_t mode) const {
    const auto cipher = emvcrypto::make_des(transport_key);
    if (mode == 0x10)
      cipher->encrypt_cbc(value);
    else
      cipher->encrypt(value);
    return value;
  }
};

}  // namespace cps::test
