#include "emvcrypto/scp03.h"

#include <catch2/catch.hpp>

#include "emvcrypto/kcv.h"
#include "test/unit/emvcrypto/vectors.h"

using namespace emvcrypto;

namespace {

Scp03CardKeys card_keys(const test::json& inputs) {
  const auto key = [&](const char* name) { return Secret(test::hex(inputs, name)); };
  return {key("K_ENC"), key("K_MAC"), key("K_DEK")};
}

/// The session of a host with these keys, challenge and answer of the card.
Scp03Session session(const Scp03CardKeys& keys, ByteView host_challenge, const Bytes& answer) {
  auto fields = parse_initialize_update_03(answer);
  REQUIRE(fields);
  auto session_keys =
      scp03_session_keys(keys, concat({host_challenge, ByteView(fields->challenge)}));
  return {std::move(session_keys), *std::move(fields),
          Bytes(host_challenge.begin(), host_challenge.end())};
}

Scp03Session session(const test::json& inputs) {
  return session(card_keys(inputs), test::hex(inputs, "host_challenge"),
                 test::hex(inputs, "initialize_update_response"));
}

/// What wrap() makes of a plain command, with the command's Le put back behind it.
Bytes wrapped(SecureChannel& channel, const Bytes& plain) {
  const ByteView command = plain;
  const std::size_t length = plain.size() > 5 ? plain[4] : 0;
  Bytes result =
      channel.wrap(command.first(4), length == 0 ? ByteView{} : command.subspan(5, length));
  if (plain.size() == 5 || plain.size() > 5 + length) append(result, command.last(1));
  return result;
}

std::string derived(const Secret& key, Scp03Use use, ByteView context) {
  return to_hex(scp03_derive(*make_aes(key.expose()), use, key.size(), context).expose());
}

}  // namespace

TEST_CASE("sessions recorded with real cards are spoken byte for byte") {
  int sessions = 0;
  for (const auto& entry : test::vectors("scp03")) {
    INFO(entry.at("id"));
    const auto& inputs = entry.at("inputs");
    if (!inputs.contains("K_ENC")) continue;
    const auto& expected = entry.at("expected");
    const Bytes challenge = test::hex(inputs, "initialize_update");
    const ByteView host_challenge = ByteView(challenge).subspan(5, 8);
    const Bytes answer = test::hex(inputs, "initialize_update_response");
    CHECK(secure_channel_protocol(answer) == 0x03);
    Scp03Session host = session(card_keys(inputs), host_challenge, answer);
    CHECK(host.card_is_genuine());

    const auto fields = parse_initialize_update_03(answer);
    CHECK(to_hex(fields->cryptogram) == test::text(expected, "card_cryptogram"));
    const Bytes context = concat({host_challenge, ByteView(fields->challenge)});
    const Scp03CardKeys keys = card_keys(inputs);
    CHECK(derived(keys.enc, Scp03Use::enc, context) == test::text(expected, "S_ENC"));
    CHECK(derived(keys.mac, Scp03Use::mac, context) == test::text(expected, "S_MAC"));
    CHECK(derived(keys.mac, Scp03Use::rmac, context) == test::text(expected, "S_RMAC"));

    const Bytes authenticate = test::hex(expected, "external_authenticate");
    CHECK(to_hex(host.external_authenticate(authenticate[2])) == to_hex(authenticate));
    CHECK(to_hex(ByteView(authenticate).subspan(5, 8)) == test::text(expected, "host_cryptogram"));
    for (const auto& command : expected.at("wrapped_commands")) {
      INFO(command.at("name"));
      CHECK(to_hex(wrapped(host, test::hex(command, "plain"))) == test::text(command, "wrapped"));
    }
    ++sessions;
  }
  CHECK(sessions == 5);
}

TEST_CASE("a recorded challenge is that of its counter and application") {
  const Bytes aid = from_hex("A0000005591010FFFFFFFF8900000100");
  for (const auto& entry : test::vectors("scp03")) {
    const auto& inputs = entry.at("inputs");
    if (!inputs.contains("K_ENC")) continue;
    const auto fields = parse_initialize_update_03(test::hex(inputs, "initialize_update_response"));
    REQUIRE(fields);
    CHECK(fields->challenge_is_derived());
    CHECK(scp03_card_challenge(*make_aes(test::hex(inputs, "K_ENC")), fields->sequence, aid) ==
          fields->challenge);
  }
  CHECK_THROWS_AS(scp03_card_challenge(*make_aes(Bytes(16)), Bytes(2), aid), std::invalid_argument);
}

TEST_CASE("session keys have the check values that other hosts show") {
  const auto entry = test::vector("scp03", "gppro-scp03-session-kcv");
  const auto& expected = entry.at("expected");
  const Secret key(test::hex(entry.at("inputs"), "K"));
  const Bytes context = test::hex(entry.at("inputs"), "context");
  const auto kcv = [&](Scp03Use use) {
    const Secret session_key = scp03_derive(*make_aes(key.expose()), use, 16, context);
    return to_hex(aes_gp_kcv(*make_aes(session_key.expose())));
  };
  CHECK(kcv(Scp03Use::enc) == test::text(expected, "KCV_S_ENC"));
  CHECK(kcv(Scp03Use::mac) == test::text(expected, "KCV_S_MAC"));
  CHECK(kcv(Scp03Use::rmac) == test::text(expected, "KCV_S_RMAC"));
  CHECK(to_hex(aes_gp_kcv(*make_aes(key.expose()))) == test::text(expected, "KCV_static_DEK"));
}

TEST_CASE("commands and answers are protected as another implementation does, by every option") {
  for (const auto& entry : test::vectors("scp03_responses")) {
    INFO(entry.at("id"));
    const auto& inputs = entry.at("inputs");
    const auto& expected = entry.at("expected");
    Scp03Session host = session(inputs);
    REQUIRE(host.card_is_genuine());
    const std::uint8_t level = test::hex(inputs, "level")[0];
    REQUIRE(host.knows_level(level));
    CHECK(to_hex(host.external_authenticate(level)) ==
          test::text(expected, "external_authenticate"));
    CHECK(host.level() == level);
    for (const auto& exchange : expected.at("exchanges")) {
      const Bytes data = test::hex(exchange, "data");
      CHECK(data.size() <= host.room());
      CHECK(to_hex(host.wrap(test::hex(exchange, "header"), data)) ==
            test::text(exchange, "wrapped"));
      const auto status = static_cast<std::uint16_t>(to_number(test::hex(exchange, "status")));
      const auto answer = host.unwrap(test::hex(exchange, "protected_answer"), status);
      REQUIRE(answer);
      CHECK(to_hex(*answer) == test::text(exchange, "answer"));
    }
    Bytes secret = test::hex(expected, "secret");
    host.encipher_for_card(secret);
    CHECK(to_hex(secret) == test::text(expected, "secret_for_card"));
  }
}

TEST_CASE("an answer that was changed on its way is found out") {
  const auto entry = test::vector("scp03_responses", "AES256-i60-level33");
  const auto& exchange = entry.at("expected").at("exchanges").at(1);
  const Bytes right = test::hex(exchange, "protected_answer");
  const auto answer = [&](const Bytes& data, std::uint16_t status) {
    Scp03Session host = session(entry.at("inputs"));
    host.external_authenticate(0x33);
    for (int i = 0; i < 2; ++i)
      host.wrap(test::hex(entry.at("expected").at("exchanges").at(i), "header"),
                test::hex(entry.at("expected").at("exchanges").at(i), "data"));
    return host.unwrap(data, status);
  };
  REQUIRE(answer(right, 0x9000));
  for (std::size_t at = 0; at < right.size(); ++at) {
    Bytes changed = right;
    changed[at] ^= 0x01;
    CHECK(answer(changed, 0x9000).error().code == "scp-response");
  }
  CHECK(answer(right, 0x6300).error().code == "scp-response");
  CHECK(answer(right, 0x6A80).error().code == "scp-response");
  CHECK(answer(Bytes(7), 0x9000).error().code == "scp-response");
  CHECK(answer({}, 0x9000).error().code == "scp-response");
  CHECK(answer({}, 0x6A80).value().empty());
}

TEST_CASE("an answer to INITIALIZE UPDATE that is none of protocol 03 is refused") {
  Bytes answer(32);
  answer[11] = 0x03;
  answer[12] = 0x70;
  CHECK(parse_initialize_update_03(answer));
  CHECK(parse_initialize_update_03(Bytes(28)).error().code == "scp-length");
  CHECK(parse_initialize_update_03(Bytes(31)).error().code == "scp-length");
  answer[12] = 0x60;  // no counter with this option
  CHECK(parse_initialize_update_03(answer).error().code == "scp-length");
  answer[12] = 0x71;  // challenges of 16 bytes
  CHECK(parse_initialize_update_03(answer).error().code == "scp-option");
  answer[11] = 0x02;
  CHECK(parse_initialize_update_03(answer).error().code == "scp-protocol");
  CHECK(secure_channel_protocol(answer) == 0x02);
  answer[11] = 0x01;
  CHECK(secure_channel_protocol(answer).error().code == "scp-protocol");
  CHECK(secure_channel_protocol(Bytes(27)).error().code == "scp-length");
}

TEST_CASE("a level is known where the card's option says so") {
  const auto levels = [](std::uint8_t option) {
    Scp03CardAnswer answer;
    answer.option = option;
    answer.challenge.resize(8);
    const Scp03Session host({}, answer, Bytes(8));
    std::string known;
    for (std::uint8_t level : {0x00, 0x01, 0x02, 0x03, 0x10, 0x11, 0x13, 0x33, 0xFF})
      if (host.knows_level(level)) known += to_hex(Bytes{level});
    return known;
  };
  CHECK(levels(0x00) == "000103");
  CHECK(levels(0x10) == "000103");
  CHECK(levels(0x30) == "0001031113");
  CHECK(levels(0x60) == "000103111333");
  CHECK(levels(0x70) == "000103111333");
}

TEST_CASE("a card with other keys, and what the protocol does not know, are refused") {
  auto entry = test::vector("scp03_responses", "AES128-i30-level11");
  auto& inputs = entry.at("inputs");
  Scp03Session host = session(inputs);
  CHECK_THROWS_AS(host.external_authenticate(0x33), std::invalid_argument);
  CHECK_THROWS_AS(host.wrap(Bytes(3), {}), std::invalid_argument);
  host.external_authenticate(0x13);
  CHECK_NOTHROW(host.wrap(Bytes(4), Bytes(host.room())));
  CHECK_THROWS_AS(host.wrap(Bytes(4), Bytes(host.room() + 1)), std::invalid_argument);
  inputs["K_MAC"] = "00000000000000000000000000000000";
  CHECK_FALSE(session(inputs).card_is_genuine());
  CHECK_THROWS_AS(Scp03Session({}, {}, Bytes(7)), std::invalid_argument);
  CHECK_THROWS_AS(scp03_derive(*make_aes(Bytes(16)), Scp03Use::enc, 33, {}), std::invalid_argument);
}
