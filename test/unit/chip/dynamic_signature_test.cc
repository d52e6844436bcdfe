#include <catch2/catch.hpp>

#include "terminal.h"

using namespace chiptest;

namespace {

const Bytes kUnpredictable = from_hex("7FBC4049");

Bytes authenticate(ChipPort& chip) {
  const Reply reply = send(chip, apdu("00880000", kUnpredictable));
  REQUIRE(reply.status == 0x9000);
  const auto signature = emvcrypto::find_tlv(reply.data, 0x80);
  REQUIRE(signature);
  return Bytes(signature->begin(), signature->end());
}

/// Everything that a terminal checks of a combined answer (EMV 4.4 Book 2, 6.6.2).
void check_combined(const Terminal& terminal, const Cryptogram& result, const Bytes& dols) {
  const Signed recovered =
      recover(public_key(kKey1184), result.signature, terminal.values.at(0x9F37));
  REQUIRE(recovered.good);
  REQUIRE(recovered.rest.size() == 1 + 8 + 20);
  CHECK(recovered.rest[0] == result.cid);
  Bytes hashed = dols;
  append(hashed, make_tlv(0x9F27, Bytes{static_cast<std::uint8_t>(result.cid)}));
  append(hashed, make_tlv(0x9F36, result.atc));
  append(hashed, make_tlv(0x9F10, result.iad));
  CHECK(emvcrypto::sha1({hashed}) == Bytes(recovered.rest.begin() + 9, recovered.rest.end()));
  const Bytes ac(recovered.rest.begin() + 1, recovered.rest.begin() + 9);
  const Bytes cvr(result.iad.begin() + 3, result.iad.begin() + 7);
  CHECK(ac == alg3_mac(kAcKey, cryptogram_input(terminal, "7D00", result.atc, cvr), Pad::zeros));
}

}  // namespace

TEST_CASE("INTERNAL AUTHENTICATE signs the terminal's number with the loaded key") {
  const auto chip = personalised_chip();
  Terminal terminal(*chip);
  terminal.start();
  const Signed recovered = recover(public_key(kKey1184), authenticate(*chip), kUnpredictable);
  CHECK(recovered.good);
  CHECK(recovered.rest.empty());
  CHECK(recovered.number == ecb(kNumberKey, from_hex("0001000000000000")));
  CHECK_FALSE(recover(public_key(kKey1184), authenticate(*chip), from_hex("00000000")).good);
  CHECK(terminal.first(0x80).iad.back() == 0x02);  // DDA performed
}

TEST_CASE("without its key the dynamic number begins with the ATC and is random") {
  Dgis dgis = payment_dgis();
  dgis.erase(0xA006);
  const auto chip = personalised_chip(dgis);
  Terminal terminal(*chip);
  Bytes last;
  for (const char* atc : {"0001", "0002"}) {
    terminal.start();
    const Signed recovered = recover(public_key(kKey1184), authenticate(*chip), kUnpredictable);
    REQUIRE(recovered.number.size() == 8);
    CHECK(to_hex(recovered.number).substr(0, 4) == atc);
    CHECK(recovered.number != last);
    last = recovered.number;
  }
}

TEST_CASE("INTERNAL AUTHENTICATE needs a transaction, the DDOL's length and a key") {
  const auto chip = personalised_chip();
  select(*chip, kPaymentAid);
  CHECK(send(*chip, apdu("00880000", kUnpredictable)).status == 0x6985);
  Terminal terminal(*chip);
  terminal.start();
  CHECK(send(*chip, apdu("00880000", Bytes(5))).status == 0x6700);
  CHECK(send(*chip, apdu("00880100", kUnpredictable)).status == 0x6A86);

  Dgis dgis = payment_dgis("06010A03000000", "5C00");
  for (unsigned id = 0x8201; id <= 0x8205; ++id) dgis.erase(id);
  const auto plain = personalised_chip(dgis);
  Terminal other(*plain);
  other.start();
  CHECK(send(*plain, apdu("00880000", kUnpredictable)).status == 0x6985);
}

TEST_CASE("a combined signature covers cryptogram, transaction data and answer") {
  const auto chip = personalised_chip();
  Terminal terminal(*chip);
  terminal.start();
  const Bytes cdol1 = terminal.dol_data(kCdol1);
  const Cryptogram first = terminal.first(0x90);
  CHECK(first.cid == 0x80);
  check_combined(terminal, first, cdol1);
  terminal.values[0x9F37] = from_hex("01020304");
  const Cryptogram second = terminal.second(0x50);
  CHECK(second.cid == 0x40);
  check_combined(terminal, second, concat({cdol1, terminal.dol_data(kCdol2)}));
}

TEST_CASE("an AAC and a chip without the capability answer without combined signature") {
  const auto chip = personalised_chip();
  Terminal terminal(*chip);
  terminal.start();
  terminal.first(0x10);
  CHECK(terminal.last_reply.data[0] == 0x80);
  const auto plain = personalised_chip(payment_dgis("06010A03000000", "7C00"));
  Terminal other(*plain);
  other.start();
  CHECK(other.first(0x90).signature.empty());
  CHECK(other.last_reply.data[0] == 0x80);
}

TEST_CASE("the hash of a combined signature holds the PDOL's data too") {
  Dgis dgis = payment_dgis();
  dgis[0x9102] = make_tlv(0xA5, from_hex("5004544553549F38039F1A02"));
  const auto chip = personalised_chip(dgis);
  Terminal terminal(*chip);
  select(*chip, kPaymentAid);
  REQUIRE(send(*chip, apdu("80A80000", from_hex("83020124"))).status == 0x9000);
  const Bytes cdol1 = terminal.dol_data(kCdol1);
  check_combined(terminal, terminal.first(0x90), concat({from_hex("0124"), cdol1}));
}
