#include <catch2/catch.hpp>

#include "terminal.h"

using namespace chiptest;

namespace {

const Bytes kNewPin = from_hex("2598765FFFFFFFFF");

/// A chip in an online transaction, and the cryptogram that the scripts refer to.
struct Online {
  explicit Online(const Dgis& dgis = payment_dgis())
      : chip(personalised_chip(dgis)), terminal(*chip) {
    begin();
  }
  void begin() {
    terminal.start();
    first = terminal.first(0x80);
  }
  unsigned run(const char* header, const Bytes& data = {}) {
    return send(*chip, script_command(header, data, first)).status;
  }
  unsigned verify(const Bytes& block) { return send(*chip, apdu("00200080", block)).status; }
  Bytes enciphered(const Bytes& blocks) const {
    return ecb(session_key(kSmcKey, first.ac), blocks);
  }

  std::unique_ptr<Chip> chip;
  Terminal terminal;
  Cryptogram first;
};

}  // namespace

TEST_CASE("a script needs a cryptogram and the right MAC") {
  Online online;
  Bytes command = script_command("84180000", {}, online.first);
  command.back() ^= 1;
  CHECK(send(*online.chip, command).status == 0x6988);
  CHECK(send(*online.chip, from_hex("84180000")).status == 0x6988);
  command.back() ^= 1;
  CHECK(send(*online.chip, command).status == 0x9000);
  online.terminal.start();
  CHECK(send(*online.chip, command).status == 0x6985);
  online.terminal.first(0x80);
  CHECK(send(*online.chip, command).status == 0x6988);  // another transaction
}

TEST_CASE("scripts and their failure stand in the next results") {
  Online online;
  CHECK(online.run("84180000") == 0x9000);
  CHECK(online.run("84DA9F99", from_hex("01")) == 0x6A88);
  online.terminal.second(0x40);
  online.begin();
  CHECK((online.first.iad[6] & 0xF8) == 0x28);
}

TEST_CASE("APPLICATION BLOCK declines everything until APPLICATION UNBLOCK") {
  Online online;
  CHECK(online.run("841E0000") == 0x9000);
  CHECK(online.terminal.second(0x40).cid == 0x00);
  CHECK(select(*online.chip, kPaymentAid).status == 0x6283);
  online.begin();
  CHECK(online.first.cid == 0x00);
  CHECK(online.run("84180000") == 0x9000);
  CHECK(select(*online.chip, kPaymentAid).status == 0x9000);
  online.terminal.start();
  CHECK(online.terminal.first(0x40).cid == 0x40);
}

TEST_CASE("CARD BLOCK silences the whole card for good") {
  Online online;
  CHECK(online.run("84160000") == 0x9000);
  online.chip->power_off();
  online.chip->power_on();
  CHECK(select(*online.chip, kPaymentAid).status == 0x6A81);
  CHECK(select(*online.chip, kDirectoryAid).status == 0x6A81);
}

TEST_CASE("PIN UNBLOCK gives the tries back") {
  Online online;
  for (int i = 0; i < 3; ++i) online.verify(kNewPin);
  CHECK(online.verify(kPinBlock) == 0x6983);
  CHECK(online.run("84240000") == 0x9000);
  CHECK(online.verify(kPinBlock) == 0x9000);
}

TEST_CASE("PIN CHANGE sets another PIN, with or without the present one") {
  Online online;
  const Bytes& fresh = kNewPin;
  CHECK(online.run("84240002", online.enciphered(fresh)) == 0x9000);
  CHECK(online.verify(kPinBlock) == 0x63C2);
  CHECK(online.verify(fresh) == 0x9000);
  CHECK(online.run("84240001", online.enciphered(concat({kPinBlock, kPinBlock}))) == 0x6982);
  CHECK(online.run("84240001", online.enciphered(concat({fresh, kPinBlock}))) == 0x9000);
  CHECK(online.verify(kPinBlock) == 0x9000);
}

TEST_CASE("PIN CHANGE refuses what is no PIN block under the session key") {
  Online online;
  CHECK(online.run("84240002", kPinBlock) == 0x6A80);
  CHECK(online.run("84240002", Bytes(16)) == 0x6700);
  CHECK(online.run("84240000", Bytes(8)) == 0x6700);
  CHECK(online.run("84240003") == 0x6A86);
  CHECK(online.verify(kPinBlock) == 0x9000);
}

TEST_CASE("PUT DATA changes limits that were personalised, in their length") {
  Online online;
  CHECK(online.run("84DA9F58", from_hex("00")) == 0x9000);
  CHECK(to_hex(send(*online.chip, from_hex("80CA9F5800")).data) == "9F580100");
  CHECK(online.run("04DA9F59", from_hex("00")) == 0x9000);
  CHECK(online.run("84DA9F59", from_hex("0000")) == 0x6A80);
  CHECK(online.run("84DA9F72", from_hex("00")) == 0x6A88);  // not personalised
  CHECK(online.run("84DA9F36", from_hex("0000")) == 0x6A88);
  online.terminal.second(0x40);
  online.terminal.start();
  CHECK(online.terminal.first(0x40).cid == 0x80);
}
