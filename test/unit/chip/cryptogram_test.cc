#include <catch2/catch.hpp>

#include "terminal.h"

using namespace chiptest;

namespace {

constexpr unsigned kAac = 0x00;
constexpr unsigned kTc = 0x40;
constexpr unsigned kArqc = 0x80;

const char* const kCvr4Data = "06010A03000000";
const char* const kCvr4CommonData = "06011203000000AABB";
const char* const kAip = "7D00";
const char* const kAipWithoutExternal = "7900";  ///< issuer authentication by CDOL2

std::string cvr6_data(const char* number) {
  return std::string("01") + number + "000000000000" + "DAC0" + "0000000000000000";
}

/// The issuer's session key for a version of layout cvr6.
Bytes cvr6_key(const std::string& number, const Terminal& terminal, const Bytes& atc) {
  Bytes r = concat({atc, Bytes(2)});
  append(r, number < "14" ? terminal.values.at(0x9F37) : Bytes(4));
  return session_key(kAcKey, r);
}

Bytes slice(const Bytes& bytes, std::size_t from, std::size_t length) {
  const auto begin = bytes.begin() + static_cast<std::ptrdiff_t>(from);
  return Bytes(begin, begin + static_cast<std::ptrdiff_t>(length));
}

}  // namespace

TEST_CASE("the chip makes the published cryptogram of version 0A") {
  // The transaction before leaves one script in the results; the limit is passed, no try is left.
  Dgis dgis = payment_dgis(kCvr4Data, "1800");
  dgis[0x3000] = from_hex("9F3602001A9F13020001");
  dgis[0x9010] = from_hex("0003");
  const auto chip = personalised_chip(dgis);
  Terminal terminal(*chip);
  REQUIRE(terminal.start() == 0x9000);
  const Cryptogram before = terminal.first(kArqc);
  REQUIRE(send(*chip, script_command("84180000", {}, before)).status == 0x9000);
  terminal.values[0x8A] = from_hex("5A33");
  REQUIRE(terminal.second(kAac).status == 0x9000);

  REQUIRE(terminal.start() == 0x9000);
  const Cryptogram result = terminal.first(kArqc);
  CHECK(to_hex(result.iad) == "06010A03A06010");
  CHECK(to_hex(result.atc) == "001C");
  CHECK(to_hex(result.ac) == "29CCA15AE665FA2E");
}

TEST_CASE("version 0A: master key, zero padding, CVR in the input, ARPC method 1") {
  const auto chip = personalised_chip();
  Terminal terminal(*chip);
  REQUIRE(terminal.start() == 0x9000);
  const Cryptogram first = terminal.first(kArqc);
  REQUIRE(first.status == 0x9000);
  CHECK(first.cid == kArqc);
  CHECK(to_hex(first.iad) == "06010A03A01000");  // a new chip
  const auto input = [&](const Cryptogram& c) {
    return cryptogram_input(terminal, kAip, c.atc, slice(c.iad, 3, 4));
  };
  CHECK(first.ac == alg3_mac(kAcKey, input(first), Pad::zeros));
  const Bytes proof = issuer_proof_1(kAcKey, first.ac, "3030");
  CHECK(send(*chip, apdu("00820000", proof)).status == 0x9000);
  CHECK(send(*chip, apdu("00820000", proof)).status == 0x6985);  // once
  const Cryptogram second = terminal.second(kTc);
  CHECK(second.cid == kTc);
  CHECK(to_hex(second.iad) == "06010A03601000");
  CHECK(second.ac == alg3_mac(kAcKey, input(second), Pad::zeros));
  CHECK(to_hex(send(*chip, from_hex("80CA9F1300")).data) == "9F13020001");
}

TEST_CASE("version 12: common session key, whole IAD in the input, ARPC method 2") {
  for (const bool by_command : {true, false}) {
    const char* aip = by_command ? kAip : kAipWithoutExternal;
    const auto chip = personalised_chip(payment_dgis(kCvr4CommonData, aip));
    Terminal terminal(*chip);
    REQUIRE(terminal.start() == 0x9000);
    const Cryptogram first = terminal.first(kArqc);
    const Bytes key = session_key(kAcKey, concat({first.atc, Bytes(6)}));
    CHECK(first.ac == alg3_mac(key, cryptogram_input(terminal, aip, first.atc, first.iad)));
    Bytes proof = issuer_proof_2(key, first.ac, from_hex("00800000"));
    CHECK(send(*chip, apdu("00820000", proof)).status == (by_command ? 0x9000U : 0x6985U));
    proof.resize(10);  // as a terminal fills up CDOL2
    terminal.values[0x91] = by_command ? Bytes(10) : proof;
    const Cryptogram second = terminal.second(kTc);
    CHECK(second.cid == kTc);
    CHECK(second.ac == alg3_mac(key, cryptogram_input(terminal, aip, second.atc, second.iad)));
  }
}

TEST_CASE("versions 10, 11, 14 and 15: session key by their rule, CVR of 6 bytes, ARPC method 1") {
  for (const std::string number : {"10", "11", "14", "15"}) {
    for (const bool by_command : {true, false}) {
      CAPTURE(number, by_command);
      const char* aip = by_command ? kAip : kAipWithoutExternal;
      const auto chip =
          personalised_chip(payment_dgis(cvr6_data(number.c_str()).c_str(), aip), IadLayout::cvr6);
      Terminal terminal(*chip);
      REQUIRE(terminal.start() == 0x9000);
      const Cryptogram first = terminal.first(kArqc);
      REQUIRE(first.iad.size() == 18);
      CHECK(to_hex(slice(first.iad, 2, 6)) == "A00003200000");
      const Bytes key = cvr6_key(number, terminal, first.atc);
      const auto input = [&](const Cryptogram& c) {
        Bytes end = slice(c.iad, 2, 6);
        if (number == "11" || number == "15") append(end, slice(c.iad, 10, 8));
        return cryptogram_input(terminal, aip, c.atc, end);
      };
      CHECK(first.ac == alg3_mac(key, input(first)));
      const Bytes proof = issuer_proof_1(number < "14" ? kAcKey : key, first.ac, "3030");
      if (by_command)
        CHECK(send(*chip, apdu("00820000", proof)).status == 0x9000);
      else
        terminal.values[0x91] = proof;
      const Cryptogram second = terminal.second(kTc);
      CHECK(second.cid == kTc);
      CHECK(to_hex(slice(second.iad, 2, 6)) == "601003200000");
      CHECK(second.ac == alg3_mac(key, input(second)));
    }
  }
}

TEST_CASE("a request is only ever tightened") {
  const auto chip = personalised_chip();
  Terminal terminal(*chip);
  for (const unsigned type : {kAac, kTc, kArqc}) {
    terminal.start();
    CHECK(terminal.first(type).cid == type);
    if (type == kArqc) terminal.second(kAac);
  }
  terminal.start();
  terminal.first(kArqc);  // no second cryptogram: the next transaction goes online
  terminal.start();
  const Cryptogram next = terminal.first(kTc);
  CHECK(next.cid == kArqc);
  CHECK((next.iad[5] & 0x80) != 0);  // last online transaction not completed
  CHECK(terminal.second(kArqc).cid == kAac);
}

TEST_CASE("beyond the lower offline limit the chip goes online, beyond the upper one it declines") {
  Dgis dgis = payment_dgis();
  for (const char* limits : {"9F5801019F590103", "9F1401019F230103"}) {
    dgis[0x0D01] = from_hex(limits);
    const auto chip = personalised_chip(dgis);
    Terminal terminal(*chip);
    terminal.values[0x8A] = from_hex("5933");  // Y3: unable to go online
    terminal.start();
    CHECK(terminal.first(kTc).cid == kTc);
    for (const unsigned decision : {kTc, kTc, kAac}) {
      terminal.start();
      const Cryptogram first = terminal.first(kTc);
      CHECK(first.cid == kArqc);
      CHECK((first.iad[5] & 0x20) != 0);
      const Cryptogram second = terminal.second(kTc);
      CHECK(second.cid == decision);
      CHECK((second.iad[4] & 0x01) != 0);
    }
  }
}

TEST_CASE("a failed issuer authentication is treated as 9F52 says") {
  struct Case {
    const char* action;
    unsigned second;  ///< cryptogram after the failure
    unsigned next;    ///< cryptogram of the next transaction for a TC
  };
  const Case cases[] = {{"9F52020000", kTc, kTc},
                        {"9F52028000", kTc, kArqc},
                        {"9F52024000", kAac, kTc},
                        {"9F5202C000", kAac, kArqc},
                        {"9F5102012A", kAac, kArqc}};  // without 9F52
  for (const Case& row : cases) {
    CAPTURE(row.action);
    Dgis dgis = payment_dgis();
    dgis[0x0E01] = from_hex(row.action);
    const auto chip = personalised_chip(dgis);
    Terminal terminal(*chip);
    terminal.start();
    const Cryptogram first = terminal.first(kArqc);
    Bytes proof = issuer_proof_1(kAcKey, first.ac, "3030");
    proof[7] ^= 1;
    CHECK(send(*chip, apdu("00820000", proof)).status == 0x6300);
    const Cryptogram second = terminal.second(kTc);
    CHECK(second.cid == row.second);
    CHECK((second.iad[4] & 0x08) != 0);
    CHECK(to_hex(send(*chip, from_hex("80CA9F1300")).data) == "9F13020000");
    chip->power_off();
    chip->power_on();
    terminal.start();
    const Cryptogram next = terminal.first(kTc);
    CHECK(next.cid == row.next);
    CHECK((next.iad[5] & 0x08) != 0);
  }
}

TEST_CASE("a proof that came in CDOL2 and is wrong counts as a failure") {
  const auto chip = personalised_chip(payment_dgis(kCvr4Data, kAipWithoutExternal));
  Terminal terminal(*chip);
  terminal.start();
  terminal.first(kArqc);
  terminal.values[0x91] = Bytes(10, 0x77);
  CHECK(terminal.second(kTc).cid == kAac);
}

TEST_CASE("a mandatory issuer authentication that did not take place declines") {
  Dgis dgis = payment_dgis();
  dgis[0x0E01] = from_hex("9F52022000");
  auto chip = personalised_chip(dgis);
  Terminal mandatory(*chip);
  mandatory.start();
  mandatory.first(kArqc);
  const Cryptogram refused = mandatory.second(kTc);
  CHECK(refused.cid == kAac);
  CHECK((refused.iad[5] & 0x04) != 0);  // not performed after an online authorisation
  dgis[0x0E01] = from_hex("9F520220009F560100");
  chip = personalised_chip(dgis);
  Terminal optional(*chip);
  optional.start();
  optional.first(kArqc);
  CHECK(optional.second(kTc).cid == kTc);
}

TEST_CASE("a new chip goes online or declines when its parameters say so") {
  Dgis dgis = payment_dgis();
  dgis[0x0E01] = from_hex("9F52020300");
  const auto chip = personalised_chip(dgis);
  Terminal terminal(*chip);
  terminal.values[0x8A] = from_hex("5933");
  terminal.start();
  CHECK(terminal.first(kTc).cid == kArqc);
  CHECK(terminal.second(kTc).cid == kAac);
  terminal.values[0x8A] = from_hex("3030");
  terminal.online_without_proof();
  terminal.start();
  CHECK(terminal.first(kTc).cid == kTc);
}

TEST_CASE("the card status update declines, blocks, sets tries and sends online") {
  const auto run = [](const char* csu, auto check) {
    const auto chip = personalised_chip(payment_dgis(kCvr4CommonData));
    Terminal terminal(*chip);
    terminal.start();
    const Cryptogram first = terminal.first(kArqc);
    const Bytes key = session_key(kAcKey, concat({first.atc, Bytes(6)}));
    REQUIRE(send(*chip, apdu("00820000", issuer_proof_2(key, first.ac, from_hex(csu)))).status ==
            0x9000);
    check(*chip, terminal);
  };
  run("00000000", [](Chip&, Terminal& t) { CHECK(t.second(kTc).cid == kAac); });
  run("80800000DDEE", [](Chip&, Terminal& t) { CHECK(t.second(kTc).cid == kTc); });
  run("00880000", [](Chip&, Terminal& t) {
    CHECK(t.second(kTc).cid == kTc);
    t.start();
    CHECK(t.first(kTc).cid == kArqc);
  });
  run("01900000", [](Chip& chip, Terminal&) {
    CHECK(to_hex(send(chip, from_hex("80CA9F1700")).data) == "9F170101");
  });
  run("00A00000", [](Chip& chip, Terminal& t) {
    CHECK(t.second(kTc).cid == kAac);
    CHECK(select(chip, kPaymentAid).status == 0x6283);
  });
  run("00C00000", [](Chip& chip, Terminal&) { CHECK(select(chip, kPaymentAid).status == 0x6A81); });
}

TEST_CASE("commands of a transaction come in their order") {
  const auto chip = personalised_chip();
  Terminal terminal(*chip);
  select(*chip, kPaymentAid);
  CHECK(terminal.first(kArqc).status == 0x6985);
  CHECK(send(*chip, apdu("00820000", Bytes(10))).status == 0x6985);
  terminal.start();
  CHECK(send(*chip, apdu("00820000", Bytes(10))).status == 0x6985);
  CHECK(terminal.first(0xC0).status == 0x6A86);
  CHECK(terminal.first(0x20).status == 0x6A86);
  CHECK(terminal.generate(kArqc, Bytes(28)).status == 0x6700);
  CHECK(terminal.first(kArqc).status == 0x9000);
  CHECK(terminal.generate(kTc, Bytes(3)).status == 0x6700);
  CHECK(terminal.second(kTc).status == 0x9000);
  CHECK(terminal.second(kTc).status == 0x6985);
  terminal.start();
  CHECK(terminal.first(kTc).cid == kTc);
  CHECK(terminal.second(kTc).status == 0x6985);
  chip->warm_reset();
  select(*chip, kPaymentAid);
  CHECK(terminal.first(kArqc).status == 0x6985);
}

TEST_CASE("format A: the cryptogram covers all of 9F10, and 9F10 tells what happened") {
  const std::string discretionary = "0F" + std::string(30, '0');
  const std::string iad =
      "0FA501"
      "0000000000"
      "0000000000000000" +
      discretionary;
  const auto chip = personalised_chip(payment_dgis(iad.c_str()), IadLayout::cvr5);
  Terminal terminal(*chip);
  REQUIRE(terminal.start() == 0x9000);
  const Cryptogram arqc = terminal.first(0x80);
  REQUIRE(arqc.status == 0x9000);
  CHECK(to_hex(arqc.iad) ==
        "0FA501"
        "A030000000"
        "0000000000000000" +
            discretionary);
  const Bytes key = session_key(kAcKey, concat({arqc.atc, Bytes(6)}));
  CHECK(to_hex(arqc.ac) ==
        to_hex(alg3_mac(key, cryptogram_input(terminal, "7D00", arqc.atc, arqc.iad))));
  terminal.values[0x91] = issuer_proof_2(key, arqc.ac, from_hex("00800000"));
  const Cryptogram tc = terminal.second(0x40);
  CHECK(tc.cid == 0x40);
  CHECK(to_hex(tc.iad).substr(0, 16) == "0FA5016030000000");
}
