#include "emvcrypto/scp02.h"

#include <catch2/catch.hpp>

#include "emvcrypto/derivation.h"
#include "test/unit/emvcrypto/vectors.h"

using namespace emvcrypto;

namespace {

Bytes session_key(ByteView card_key, Scp02Key which, ByteView sequence) {
  Bytes key = scp02_session_input(which, sequence);
  make_des(card_key)->encrypt_cbc(key);
  return key;
}

struct CardKeys {
  Bytes enc, mac, dek;
};

/// The session that a host opens after this INITIALIZE UPDATE and its answer.
Scp02Session session(const CardKeys& keys, const Bytes& initialize_update, const Bytes& answer,
                     bool icv_enciphered = true) {
  auto parsed = parse_initialize_update(answer);
  REQUIRE(parsed);
  const Bytes& sequence = parsed->sequence;
  Scp02Keys session_keys{make_des(session_key(keys.enc, Scp02Key::enc, sequence)),
                         make_retail_mac_key(session_key(keys.mac, Scp02Key::mac, sequence)),
                         make_des(session_key(keys.dek, Scp02Key::dek, sequence))};
  const ByteView challenge = ByteView(initialize_update).subspan(5, 8);
  return {std::move(session_keys), *std::move(parsed), Bytes(challenge.begin(), challenge.end()),
          icv_enciphered};
}

Scp02Session session(const test::json& entry, bool icv_enciphered = true) {
  const auto& inputs = entry.at("inputs");
  const auto field = [&](const char* name) { return test::hex(inputs, name); };
  return session({field("K_ENC"), field("K_MAC"), field("K_DEK")}, field("initialize_update"),
                 field("initialize_update_response"), icv_enciphered);
}

/// What wrap() makes of a plain command, with the command's Le put back behind it.
Bytes wrapped(Scp02Session& session, const Bytes& plain) {
  const ByteView command = plain;
  const std::size_t length = plain.size() > 5 ? plain[4] : 0;
  const ByteView data = length == 0 ? ByteView{} : command.subspan(5, length);
  Bytes result = session.wrap(command.first(4), data);
  if (plain.size() == 5) append(result, command.last(1));
  if (plain.size() > 5 + length) append(result, command.last(1));
  return result;
}

}  // namespace

TEST_CASE("session keys come from card keys and the sequence counter") {
  const auto entry = test::vector("scp02", "gppro-session-keys-seq0000");
  const auto& expected = entry.at("expected");
  const Bytes card_key = test::hex(entry.at("inputs"), "static_key");
  const Bytes sequence = test::hex(entry.at("inputs"), "sequence_counter");
  CHECK(to_hex(session_key(card_key, Scp02Key::enc, sequence)) == test::text(expected, "S_ENC"));
  CHECK(to_hex(session_key(card_key, Scp02Key::mac, sequence)) == test::text(expected, "S_MAC"));
  CHECK(to_hex(session_key(card_key, Scp02Key::dek, sequence)) == test::text(expected, "S_DEK"));
  CHECK_THROWS_AS(scp02_session_input(Scp02Key::enc, Bytes(3)), std::invalid_argument);
}

TEST_CASE("the card's answer reads as its fields") {
  for (const char* id : {"pysim-scp02", "kaoh-scp02-mac"}) {
    INFO(id);
    const auto entry = test::vector("scp02", id);
    const auto& parsed = entry.at("parsed");
    const auto answer =
        parse_initialize_update(test::hex(entry.at("inputs"), "initialize_update_response"));
    REQUIRE(answer);
    CHECK(to_hex(answer->key_data) == test::text(parsed, "KEYDATA"));
    CHECK(to_hex(Bytes{answer->key_version}) == test::text(parsed, "key_version"));
    CHECK(to_hex(answer->sequence) == test::text(parsed, "sequence_counter"));
    CHECK(to_hex(answer->challenge) == test::text(parsed, "card_challenge"));
    CHECK(to_hex(answer->cryptogram) == test::text(parsed, "card_cryptogram"));
  }
}

TEST_CASE("an answer of another length or protocol is refused") {
  CHECK(parse_initialize_update(Bytes(27)).error().code == "scp-length");
  CHECK(parse_initialize_update(Bytes(29)).error().code == "scp-length");
  Bytes answer(28);
  answer[11] = 3;
  CHECK(parse_initialize_update(answer).error().code == "scp-protocol");
}

TEST_CASE("a session speaks as other hosts do") {
  for (const char* id : {"pysim-scp02", "kaoh-scp02-mac"}) {
    INFO(id);
    const auto entry = test::vector("scp02", id);
    const auto& expected = entry.at("expected");
    Scp02Session host = session(entry);
    CHECK(host.card_is_genuine());
    CHECK(to_hex(host.external_authenticate(0x01)) ==
          test::text(expected, "external_authenticate"));
    CHECK(host.level() == 0x01);
    for (const auto& command : expected.at("wrapped_commands"))
      CHECK(to_hex(wrapped(host, test::hex(command, "plain"))) == test::text(command, "wrapped"));
  }
}

TEST_CASE("a whole personalisation session from KMC to the last STORE DATA") {
  const auto entry = test::vector("cps_perso_examples", "calc-full-cps-session");
  const auto& inputs = entry.at("inputs");
  const auto& expected = entry.at("expected");
  const auto kmc = make_des(test::hex(inputs, "KMC"));
  const auto card_key = [&](CardKey which) {
    Bytes key = kdc_input_cps(test::hex(inputs, "KEYDATA"), which);
    kmc->encrypt(key);
    return key;
  };
  Scp02Session host = session(
      {card_key(CardKey::enc), card_key(CardKey::mac), card_key(CardKey::dek)},
      test::hex(expected, "initialize_update"), test::hex(expected, "initialize_update_response"));
  CHECK(host.card_is_genuine());
  CHECK(to_hex(host.external_authenticate(0x01)) == test::text(expected, "external_authenticate"));

  Bytes keys = test::hex(inputs, "DGI_8000_clear");
  host.encipher_for_card(keys);
  CHECK(to_hex(host.wrap(from_hex("80E26000"), concat({from_hex("800030"), keys}))) ==
        test::text(expected, "store_data_8000"));
  const Bytes check_values = concat({from_hex("900009"), test::hex(inputs, "DGI_9000")});
  CHECK(to_hex(host.wrap(from_hex("80E28001"), check_values)) ==
        test::text(expected, "store_data_9000_last"));
}

TEST_CASE("secrets go to the card under the session's DEK") {
  const auto entry = test::vector("scp02", "gppro-dek-wrap");
  const auto& inputs = entry.at("inputs");
  const Bytes card_key = test::hex(inputs, "static_DEK");
  Bytes answer(28);
  answer[11] = 2;
  Scp02Session host = session({card_key, card_key, card_key}, Bytes(14), answer);
  Bytes key = test::hex(inputs, "plain_key");
  host.encipher_for_card(key);
  CHECK(to_hex(key) == test::text(entry.at("expected"), "cryptogram"));
}

TEST_CASE("a card with other keys is found out") {
  auto entry = test::vector("scp02", "pysim-scp02");
  entry["inputs"]["K_ENC"] = "00000000000000000000000000000000";
  CHECK_FALSE(session(entry).card_is_genuine());
}

TEST_CASE("a plain ICV chains the MAC itself") {
  const auto entry = test::vector("scp02", "pysim-scp02");
  const auto& inputs = entry.at("inputs");
  const auto key =
      make_retail_mac_key(session_key(test::hex(inputs, "K_MAC"), Scp02Key::mac, from_hex("0001")));
  Scp02Session host = session(entry, false);
  const Bytes authenticate = host.external_authenticate(0x01);
  CHECK(to_hex(authenticate) == test::text(entry.at("expected"), "external_authenticate"));

  const Bytes first_mac(authenticate.end() - 8, authenticate.end());
  const Bytes message = from_hex("84E200000A0102");
  const Bytes mac = retail_mac(key, pad_80(message, 8), first_mac);
  CHECK(host.wrap(from_hex("80E20000"), Bytes{1, 2}) == concat({message, mac}));
}

TEST_CASE("level 03 enciphers the data behind a MAC over the clear ones") {
  const auto entry = test::vector("scp02", "pysim-scp02");
  const auto enc = make_des(test::hex(entry.at("expected"), "S_ENC"));
  Scp02Session maced = session(entry);
  Scp02Session enciphered = session(entry);
  const Bytes authenticate = enciphered.external_authenticate(0x03);
  CHECK(authenticate[2] == 0x03);
  // The MAC of EXTERNAL AUTHENTICATE covers the level: chain both sessions from level 03.
  CHECK(maced.external_authenticate(0x03) == authenticate);

  const Bytes data = from_hex("0102030405060708");
  Bytes cipher_text = pad_80(data, 8);
  enc->encrypt_cbc(cipher_text);
  const Bytes command = enciphered.wrap(from_hex("80E20000"), data);
  CHECK(to_hex(ByteView(command).first(5)) == "84E2000018");
  CHECK(to_hex(ByteView(command).subspan(5, 16)) == to_hex(cipher_text));

  const auto key = make_retail_mac_key(test::hex(entry.at("expected"), "S_MAC"));
  Bytes icv(authenticate.end() - 8, authenticate.end());
  key.left->encrypt(icv);
  const Bytes mac = retail_mac(key, pad_80(concat({from_hex("84E2000010"), data}), 8), icv);
  CHECK(to_hex(ByteView(command).last(8)) == to_hex(mac));

  // Without data there is nothing to encipher.
  CHECK(maced.wrap(from_hex("80F20000"), {}).size() == 13);
}

TEST_CASE("level 00 leaves commands as they are") {
  Scp02Session host = session(test::vector("scp02", "pysim-scp02"));
  host.external_authenticate(0x00);
  CHECK(to_hex(host.wrap(from_hex("80E20000"), Bytes{1, 2})) == "80E20000020102");
  CHECK(to_hex(host.wrap(from_hex("80F20000"), {})) == "80F20000");
  CHECK(host.wrap(from_hex("80E20000"), Bytes(255)).size() == 260);
  CHECK_THROWS_AS(host.wrap(from_hex("80E20000"), Bytes(256)), std::invalid_argument);
}

TEST_CASE("a command leaves room for its MAC and padding") {
  Scp02Session host = session(test::vector("scp02", "pysim-scp02"));
  host.external_authenticate(0x01);
  CHECK(host.wrap(from_hex("80E20000"), Bytes(247)).size() == 260);
  CHECK_THROWS_AS(host.wrap(from_hex("80E20000"), Bytes(248)), std::invalid_argument);
  host.external_authenticate(0x03);
  CHECK(host.wrap(from_hex("80E20000"), Bytes(239)).size() == 253);
  CHECK_THROWS_AS(host.wrap(from_hex("80E20000"), Bytes(240)), std::invalid_argument);
}

TEST_CASE("what the protocol does not know is refused") {
  const auto entry = test::vector("scp02", "pysim-scp02");
  Scp02Session host = session(entry);
  CHECK_THROWS_AS(host.external_authenticate(0x02), std::invalid_argument);
  CHECK_THROWS_AS(host.external_authenticate(0x13), std::invalid_argument);
  CHECK_THROWS_AS(host.wrap(from_hex("80E200"), {}), std::invalid_argument);
  CHECK_THROWS_AS(Scp02Session({}, {}, Bytes(7), true), std::invalid_argument);
}
