#include "kpd/chip/scp03_card.h"

#include <catch2/catch.hpp>

#include "emvcrypto/scp03.h"
#include "host_crypto.h"
#include "kpd/chip/aes.h"
#include "test/unit/emvcrypto/vectors.h"

using namespace chiptest;
using emvcrypto::Secret;
using kpd::chip::Answer;
using kpd::chip::parse_command;
using kpd::chip::Scp03CardSession;
using kpd::chip::Scp03Option;

namespace {

kpd::chip::CardKeys keys_of(const test::json& inputs) {
  const auto key = [&](const char* name) { return Secret(test::hex(inputs, name)); };
  return {key("K_ENC"), key("K_MAC"), key("K_DEK")};
}

/// A source that gives this challenge.
kpd::chip::Random gives(const Bytes& challenge) {
  return [challenge](emvcrypto::MutableBytes out) {
    std::copy_n(challenge.begin(), std::min(challenge.size(), out.size()), out.begin());
  };
}

Bytes part(const Bytes& bytes, std::size_t at, std::size_t size) {
  const ByteView view = ByteView(bytes).subspan(at, size);
  return Bytes(view.begin(), view.end());
}

/// The card that gave this answer to INITIALIZE UPDATE.
Scp03CardSession card(const test::json& inputs, const Bytes& host_challenge, const Bytes& aid) {
  const Bytes answer = test::hex(inputs, "initialize_update_response");
  const auto option = static_cast<Scp03Option>(answer[12]);
  const auto sequence = answer.size() > 29
                            ? static_cast<std::uint32_t>(emvcrypto::to_number(part(answer, 29, 3)))
                            : 0U;
  return {keys_of(inputs), option, sequence, host_challenge, aid, gives(part(answer, 13, 8))};
}

constexpr std::uint8_t kLevels[] = {0x00, 0x01, 0x03, 0x11, 0x13, 0x33};
constexpr Scp03Option kOptions[] = {Scp03Option::i00, Scp03Option::i10, Scp03Option::i20,
                                    Scp03Option::i30, Scp03Option::i60, Scp03Option::i70};
const Bytes kHostChallenge = from_hex("0011223344556677");
const Bytes kAid = from_hex("F04B5044000001");

/// Both ends over the same keys.
struct Ends {
  Ends(std::size_t key_size, Scp03Option option)
      : enc(key_size, 0x11),
        mac(key_size, 0x22),
        dek(key_size, 0x33),
        card({Secret(enc), Secret(mac), Secret(dek)}, option, 0x0A0B0C, kHostChallenge, kAid,
             gives(from_hex("A1A2A3A4A5A6A7A8"))) {
    const Bytes answer = concat({Bytes(10), from_hex("01"), ByteView(card.initial_answer())});
    auto fields = emvcrypto::parse_initialize_update_03(answer).value();
    const Bytes context = concat({kHostChallenge, ByteView(fields.challenge)});
    host = std::make_unique<emvcrypto::Scp03Session>(
        emvcrypto::scp03_session_keys({Secret(enc), Secret(mac), Secret(dek)}, context), fields,
        kHostChallenge);
  }

  unsigned authenticate(std::uint8_t level) {
    return card.authenticate(*parse_command(host->external_authenticate(level)));
  }

  std::optional<Bytes> send(const char* header, const Bytes& data) {
    return card.unwrap(*parse_command(host->wrap(from_hex(header), data)));
  }

  Bytes enc, mac, dek;
  Scp03CardSession card;
  std::unique_ptr<emvcrypto::Scp03Session> host;
};

}  // namespace

TEST_CASE("the card's end of SCP03 agrees with sessions recorded with real cards") {
  const Bytes aid = from_hex("A0000005591010FFFFFFFF8900000100");
  int sessions = 0;
  for (const auto& entry : test::vectors("scp03")) {
    const auto& inputs = entry.at("inputs");
    if (!inputs.contains("K_ENC")) continue;
    INFO(entry.at("id"));
    const auto& expected = entry.at("expected");
    const Bytes host_challenge = part(test::hex(inputs, "initialize_update"), 5, 8);
    Scp03CardSession session = card(inputs, host_challenge, aid);
    CHECK(to_hex(session.initial_answer()) ==
          to_hex(ByteView(test::hex(inputs, "initialize_update_response")).subspan(11)));
    CHECK(to_hex(session.card_cryptogram()) == test::text(expected, "card_cryptogram"));
    REQUIRE(session.authenticate(*parse_command(test::hex(expected, "external_authenticate"))) ==
            0x9000);
    for (const auto& command : expected.at("wrapped_commands")) {
      INFO(command.at("name"));
      const auto plain = session.unwrap(*parse_command(test::hex(command, "wrapped")));
      REQUIRE(plain);
      CHECK(*plain == parse_command(test::hex(command, "plain"))->data);
    }
    ++sessions;
  }
  CHECK(sessions == 5);
}

TEST_CASE("commands, answers and secrets pass as another implementation has them") {
  for (const auto& entry : test::vectors("scp03_responses")) {
    const auto& inputs = entry.at("inputs");
    INFO(entry.at("id"));
    const auto& expected = entry.at("expected");
    Scp03CardSession session =
        card(inputs, test::hex(inputs, "host_challenge"), test::hex(inputs, "AID"));
    CHECK(to_hex(session.initial_answer()) ==
          to_hex(ByteView(test::hex(inputs, "initialize_update_response")).subspan(11)));
    REQUIRE(session.authenticate(*parse_command(test::hex(expected, "external_authenticate"))) ==
            0x9000);
    for (const auto& exchange : expected.at("exchanges")) {
      const auto plain = session.unwrap(*parse_command(test::hex(exchange, "wrapped")));
      REQUIRE(plain);
      CHECK(*plain == test::hex(exchange, "data"));
      const auto status =
          static_cast<std::uint16_t>(emvcrypto::to_number(test::hex(exchange, "status")));
      const Answer answer = session.protect(Answer(test::hex(exchange, "answer"), status));
      CHECK(to_hex(answer.data) == test::text(exchange, "protected_answer"));
      CHECK(answer.status == status);
      CHECK(answer.data.size() <= test::hex(exchange, "answer").size() + session.answer_growth());
    }
    CHECK(to_hex(session.decipher(test::hex(expected, "secret_for_card")).expose()) ==
          test::text(expected, "secret"));
  }
}

TEST_CASE("both ends understand each other with every option, level and key size") {
  for (const std::size_t key_size : {16U, 24U, 32U})
    for (const Scp03Option option : kOptions)
      for (const std::uint8_t level : kLevels) {
        Ends ends(key_size, option);
        CAPTURE(key_size, static_cast<int>(option), level);
        CHECK(ends.host->card_is_genuine());
        if (!ends.host->knows_level(level)) {
          const Bytes refused{0x84, 0x82, level, 0x00, 0x10};
          CHECK(ends.card.authenticate(*parse_command(concat({refused, Bytes(16)}))) == 0x6A86);
          CHECK_FALSE(ends.card.is_open());
          continue;
        }
        REQUIRE(ends.authenticate(level) == 0x9000);
        for (const std::size_t size : {0U, 1U, 15U, 16U, 200U}) {
          const Bytes data(size, 0x5A);
          CHECK(ends.send("80E20000", data) == data);
          const Answer answer = ends.card.protect(Answer(data));
          CHECK(ends.host->unwrap(answer.data, answer.status).value() == data);
        }
        const Answer refusal = ends.card.protect(Answer(0x6A80));
        CHECK(refusal.data.empty());
        CHECK(ends.card.protect(Answer(0x6310)).data.size() == ((level & 0x10) != 0 ? 8 : 0));
        Bytes secret(48, 0x77);
        ends.host->encipher_for_card(secret);
        CHECK(to_hex(ends.card.decipher(secret).expose()) == to_hex(Bytes(48, 0x77)));
      }
}

TEST_CASE("a host of other keys is refused, and so is EXTERNAL AUTHENTICATE in another form") {
  Ends ends(16, Scp03Option::i70);
  const Bytes right = ends.host->external_authenticate(0x01);
  const auto changed = [&](std::size_t at, std::uint8_t to) {
    Ends fresh(16, Scp03Option::i70);
    Bytes command = right;
    command[at] = to;
    return fresh.card.authenticate(*parse_command(command));
  };
  CHECK(changed(5, static_cast<std::uint8_t>(right[5] ^ 1)) == 0x6300);
  CHECK(changed(20, static_cast<std::uint8_t>(right[20] ^ 1)) == 0x6982);
  CHECK(changed(0, 0x80) == 0x6982);
  CHECK(changed(2, 0x02) == 0x6A86);
  CHECK(changed(3, 0x01) == 0x6A86);
  CHECK(ends.card.authenticate(*parse_command(ByteView(from_hex("848201000401020304")))) == 0x6700);
  CHECK(ends.card.authenticate(*parse_command(right)) == 0x9000);
  CHECK(ends.card.authenticate(*parse_command(right)) == 0x6982);  // once a session
}

TEST_CASE("a command that was changed, repeated, cut or left in clear is not understood") {
  const auto told = [](auto&& change) {
    Ends ends(16, Scp03Option::i70);
    REQUIRE(ends.authenticate(0x33) == 0x9000);
    Bytes command = ends.host->wrap(from_hex("80E20000"), from_hex("0102030405"));
    change(command);
    const auto parsed = parse_command(command);
    return parsed && ends.card.unwrap(*parsed).has_value();
  };
  CHECK(told([](Bytes&) {}));
  for (std::size_t at = 0; at < 5 + 16 + 8; ++at)
    if (at != 4) CHECK_FALSE(told([&](Bytes& command) { command[at] ^= 0x01; }));
  CHECK_FALSE(told([](Bytes& command) { command = from_hex("80E200000401020304"); }));
  CHECK_FALSE(told([](Bytes& command) { command = from_hex("84E200000401020304"); }));
  CHECK_FALSE(told([](Bytes& command) { command = from_hex("84E20000"); }));

  Ends ends(16, Scp03Option::i00);
  REQUIRE(ends.authenticate(0x01) == 0x9000);
  const Bytes command = ends.host->wrap(from_hex("80E20000"), from_hex("01"));
  CHECK(ends.card.unwrap(*parse_command(command)));
  CHECK_FALSE(ends.card.unwrap(*parse_command(command)));
}

TEST_CASE("the chip's CMAC and check value are those of published examples") {
  // NIST SP 800-38B, D.1
  const Secret key(from_hex("2B7E151628AED2A6ABF7158809CF4F3C"));
  CHECK(to_hex(kpd::chip::aes::cmac(key, {})) == "BB1D6929E95937287FA37D129B756746");
  CHECK(to_hex(kpd::chip::aes::cmac(key, from_hex("6BC1BEE22E409F96E93D7E117393172A"))) ==
        "070A16B46B4D4144F79BDD9DD04A287C");
  CHECK(to_hex(kpd::chip::aes::cmac(
            key, from_hex("6BC1BEE22E409F96E93D7E117393172AAE2D8A571E03AC9C9EB76FAC45AF8E51"
                          "30C81C46A35CE411"))) == "DFA66747DE9AE63030CA32611497C827");
  const auto entry = test::vector("scp03", "gppro-scp03-session-kcv");
  CHECK(to_hex(kpd::chip::aes::check_value(Secret(test::hex(entry.at("inputs"), "K")))) ==
        test::text(entry.at("expected"), "KCV_static_DEK"));
}
