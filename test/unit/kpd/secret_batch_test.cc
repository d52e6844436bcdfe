#include "kpd/stages/secret_batch.h"

#include <catch2/catch.hpp>

#include "emvcrypto/cipher.h"
#include "kpd/keys/secret_cipher.h"
#include "test/unit/support/test_device.h"

using emvcrypto::Bytes;
using emvcrypto::from_hex;
using emvcrypto::to_hex;
using kpd::padded_secret;
using kpd::PadRule;

TEST_CASE("a secret is padded by its rule") {
  struct Sample {
    std::string value;
    PadRule rule;
    std::string padded;
  };
  const auto sample = GENERATE(values<Sample>({
      {"0102030405060708", PadRule::never, "0102030405060708"},
      {"0102030405060708", PadRule::if_needed, "0102030405060708"},
      {"0102030405060708", PadRule::always, "01020304050607088000000000000000"},
      {"01020304050607", PadRule::if_needed, "0102030405060780"},
      {"01020304050607", PadRule::always, "0102030405060780"},
      {"010203040506070809", PadRule::if_needed, "01020304050607080980000000000000"},
      {"", PadRule::never, ""},
      {"", PadRule::if_needed, ""},
      {"", PadRule::always, "8000000000000000"},
  }));
  CAPTURE(sample.value);
  CHECK(to_hex(padded_secret(from_hex(sample.value), sample.rule).expose()) == sample.padded);
}

TEST_CASE("a secret that may not be padded must be whole blocks") {
  CHECK_THROWS_AS(padded_secret(from_hex("01020304050607"), PadRule::never), std::invalid_argument);
}

namespace {

kpd::DgiPlan secret(cps::DgiId id, PadRule pad, std::optional<cps::Cmode> mode = {}) {
  kpd::DgiPlan dgi;
  dgi.id = id;
  dgi.kind = kpd::DgiPlan::Kind::keys;
  dgi.pad = pad;
  dgi.cmode = mode;
  return dgi;
}

}  // namespace

TEST_CASE("a batch of secrets goes under the transport key, each to its card and DGI") {
  hsm_test::TestDevice device;
  const Bytes clear_key = hsm_test::sample(16, 0x31);
  const hsm::Key key =
      device.token->create_secret(hsm::KeyType::des2, hsm::Secret(clear_key), {.encrypt = true});
  kpd::Chunk chunk;
  chunk.cards.resize(2);
  for (auto& card : chunk.cards)
    for (int a = 0; a < 2; ++a) card.add_applications();
  const Bytes udk = hsm_test::sample(48), pin = hsm_test::sample(8), odd = hsm_test::sample(72);

  const kpd::OutputPlan output;
  kpd::SecretBatch batch(output);
  batch.add(1, 1, secret(0x8000, PadRule::if_needed), udk);
  batch.add(0, 0, secret(0x8010, PadRule::never), pin);
  batch.add(1, 1, secret(0x8201, PadRule::always), odd);
  batch.finish(*device.token, key, chunk);

  const auto secrets = [&](std::size_t card, int application) {
    std::string text;
    for (const auto& dgi : chunk.cards[card].applications(application).secrets()) {
      Bytes value(dgi.value().begin(), dgi.value().end());
      emvcrypto::make_des(clear_key)->decrypt(value);
      text += cps::dgi_name(static_cast<cps::DgiId>(dgi.id())) + "=" + to_hex(value) + " ";
    }
    return text;
  };
  CHECK(secrets(0, 0) == "8010=" + to_hex(pin) + " ");
  CHECK(secrets(0, 1).empty());
  CHECK(secrets(1, 0).empty());
  CHECK(secrets(1, 1) == "8000=" + to_hex(udk) + " 8201=" + to_hex(odd) + "8000000000000000 ");

  batch.finish(*device.token, key, chunk);  // nothing is left in it
  CHECK(chunk.cards[1].applications(1).secrets_size() == 2);
}

TEST_CASE("secrets under CBC start with the declared value, each by itself, in few device calls") {
  hsm_test::TestDevice device;
  const Bytes clear_key = hsm_test::sample(16, 0x31);
  const hsm::Key key = device.token->create_secret(hsm::KeyType::des2, hsm::Secret(clear_key),
                                                   {.encrypt = true, .decrypt = true});
  constexpr std::size_t kCards = 40, kLongest = 72;
  kpd::Chunk chunk;
  chunk.cards.resize(kCards);
  for (auto& card : chunk.cards) card.add_applications();
  kpd::OutputPlan output;
  output.cmodes.card_keys = cps::Cmode::cbc;
  output.initial_value = from_hex("A0A1A2A3A4A5A6A7");
  const std::vector<std::pair<kpd::DgiPlan, Bytes>> secrets = {
      {secret(0x8000, PadRule::never), hsm_test::sample(48)},
      {secret(0x8201, PadRule::never), hsm_test::sample(kLongest, 5)},
      {secret(0x8001, PadRule::never, cps::Cmode::ecb), hsm_test::sample(400)}};

  kpd::SecretBatch batch(output);
  for (std::size_t i = 0; i < kCards; ++i)
    for (const auto& [dgi, value] : secrets) batch.add(i, 0, dgi, value);
  std::size_t calls = 0;
  device.module->set_tap([&](std::string_view call) {
    if (call == "C_Encrypt") ++calls;
    return 0UL;
  });
  batch.finish(*device.token, key, chunk);
  device.module->set_tap({});
  CHECK(calls == kLongest / 8);

  const auto cipher = emvcrypto::make_des(clear_key);
  for (const auto& card : chunk.cards)
    for (std::size_t n = 0; n < secrets.size(); ++n) {
      const auto& [dgi, value] = secrets[n];
      const auto& made = card.applications(0).secrets(static_cast<int>(n)).value();
      Bytes expected = value;
      if (dgi.cmode) {
        cipher->encrypt(expected);
      } else {
        for (std::size_t i = 0; i < 8; ++i) expected[i] ^= output.initial_value[i];
        cipher->encrypt_cbc(expected);
      }
      const Bytes enciphered(made.begin(), made.end());
      REQUIRE(to_hex(enciphered) == to_hex(expected));
      hsm::Secret opened(enciphered);
      kpd::decipher_secret(*device.token, key, dgi.cmode ? 0x11 : 0x10, output.initial_value,
                           opened.expose_mutable());
      CHECK(to_hex(opened.expose()) == to_hex(value));
    }
  hsm::Secret opened(8);
  CHECK_THROWS_AS(
      kpd::decipher_secret(*device.token, key, 0x12, output.initial_value, opened.expose_mutable()),
      std::invalid_argument);
}
