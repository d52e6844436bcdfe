#include <catch2/catch.hpp>

#include "terminal.h"

using namespace chiptest;

namespace {

const Bytes kWrongPin = from_hex("244321FFFFFFFFFF");

unsigned verify(ChipPort& chip, const Bytes& block) {
  return send(chip, apdu("00200080", block)).status;
}

Bytes challenge(ChipPort& chip) {
  return send(chip, from_hex("0084000000")).data;
}

/// 7F | PIN block | unpredictable number | filler under the chip's public key.
Bytes enciphered(const KeyText& key, const Bytes& block, const Bytes& unpredictable,
                 unsigned header = 0x7F) {
  Bytes plain = concat({Bytes{static_cast<std::uint8_t>(header)}, block, unpredictable});
  const RsaPublicKey target = public_key(key);
  plain.resize(target.size(), 0x3C);
  return emvcrypto::rsa_recover(target, plain);
}

unsigned verify_enciphered(ChipPort& chip, const Bytes& cryptogram) {
  return send(chip, apdu("00200088", cryptogram)).status;
}

std::unique_ptr<Chip> selected_chip(const Dgis& dgis = payment_dgis()) {
  auto chip = personalised_chip(dgis);
  select(*chip, kPaymentAid);
  return chip;
}

}  // namespace

TEST_CASE("the right PIN is accepted, a wrong one counts down, the last try blocks") {
  const auto chip = selected_chip();
  CHECK(verify(*chip, kPinBlock) == 0x9000);
  CHECK(verify(*chip, kWrongPin) == 0x63C2);
  CHECK(to_hex(send(*chip, from_hex("80CA9F1700")).data) == "9F170102");
  CHECK(verify(*chip, kPinBlock) == 0x9000);
  CHECK(to_hex(send(*chip, from_hex("80CA9F1700")).data) == "9F170103");
  CHECK(verify(*chip, kWrongPin) == 0x63C2);
  CHECK(verify(*chip, kWrongPin) == 0x63C1);
  chip->power_off();
  chip->power_on();
  select(*chip, kPaymentAid);
  CHECK(verify(*chip, kWrongPin) == 0x63C0);
  CHECK(verify(*chip, kPinBlock) == 0x6983);
}

TEST_CASE("a PIN may be loaded in a format 1 block too") {
  Dgis dgis = payment_dgis();
  dgis[0x8010] = from_hex("1512345A0B1C2D3E");
  const auto chip = selected_chip(dgis);
  CHECK(verify(*chip, from_hex("2512345FFFFFFFFF")) == 0x9000);
  CHECK(verify(*chip, from_hex("241234FFFFFFFFFF")) == 0x63C2);
}

TEST_CASE("what is no PIN block is refused and costs no try") {
  const auto chip = selected_chip();
  CHECK(verify(*chip, Bytes(7)) == 0x6700);
  CHECK(verify(*chip, from_hex("141234FFFFFFFFFF")) == 0x6A80);
  CHECK(verify(*chip, from_hex("2412340FFFFFFFFF")) == 0x6A80);
  CHECK(send(*chip, apdu("00200000", kPinBlock)).status == 0x6A86);
  CHECK(to_hex(send(*chip, from_hex("80CA9F1700")).data) == "9F170103");
}

TEST_CASE("an application without PIN says so") {
  Dgis dgis = payment_dgis();
  dgis.erase(0x8010);
  const auto chip = selected_chip(dgis);
  CHECK(verify(*chip, kPinBlock) == 0x6A88);
  CHECK(send(*chip, from_hex("80CA9F1700")).status == 0x6A88);
}

TEST_CASE("an enciphered PIN goes under the PIN key, or the ICC key where there is none") {
  Dgis dgis = payment_dgis();
  auto chip = selected_chip(dgis);
  CHECK(verify_enciphered(*chip, enciphered(kKey1024, kPinBlock, challenge(*chip))) == 0x9000);
  CHECK(verify_enciphered(*chip, enciphered(kKey1184, kPinBlock, challenge(*chip))) == 0x6700);
  for (unsigned id = 0x8301; id <= 0x8305; ++id) dgis.erase(id);
  dgis[0x8102] = from_hex(kKey1024.d);
  dgis[0x8104] = from_hex(kKey1024.n);
  chip = selected_chip(dgis);
  CHECK(verify_enciphered(*chip, enciphered(kKey1024, kPinBlock, challenge(*chip))) == 0x9000);
  dgis.erase(0x8102);
  dgis.erase(0x8104);
  chip = selected_chip(dgis);
  CHECK(verify_enciphered(*chip, enciphered(kKey1184, kPinBlock, challenge(*chip))) == 0x9000);
}

TEST_CASE("an enciphered PIN needs a fresh challenge just before it") {
  const auto chip = selected_chip();
  const Bytes first = enciphered(kKey1024, kPinBlock, challenge(*chip));
  CHECK(verify_enciphered(*chip, first) == 0x9000);
  CHECK(verify_enciphered(*chip, first) == 0x6985);
  const Bytes second = enciphered(kKey1024, kPinBlock, challenge(*chip));
  send(*chip, from_hex("80CA9F1700"));
  CHECK(verify_enciphered(*chip, second) == 0x6985);
  challenge(*chip);
  CHECK(verify_enciphered(*chip, second) == 0x63C2);  // another number
}

TEST_CASE("a wrong PIN, header or number under encipherment costs a try") {
  const auto chip = selected_chip();
  CHECK(verify_enciphered(*chip, enciphered(kKey1024, kWrongPin, challenge(*chip))) == 0x63C2);
  CHECK(verify_enciphered(*chip, enciphered(kKey1024, kPinBlock, challenge(*chip), 0x6A)) ==
        0x63C1);
  CHECK(verify_enciphered(*chip, enciphered(kKey1024, kPinBlock, challenge(*chip))) == 0x9000);
  challenge(*chip);
  CHECK(verify_enciphered(*chip, Bytes(128, 0xFF)) == 0x6A80);  // not below the modulus
}

TEST_CASE("what became of the PIN stands in the verification results") {
  const auto results = [](const std::vector<Bytes>& tries) {
    const auto chip = personalised_chip();
    Terminal terminal(*chip);
    terminal.start();
    for (const Bytes& block : tries) verify(*chip, block);
    return terminal.first(0x80).iad;
  };
  CHECK(to_hex(results({})) == "06010A03A01000");
  CHECK(to_hex(results({kPinBlock})) == "06010A03A41000");
  CHECK(to_hex(results({kWrongPin})) == "06010A03A61000");
  CHECK(to_hex(results({kWrongPin, kWrongPin, kWrongPin})) == "06010A03A65000");
}
