#include "kpd/stages/secret_batch.h"

#include <catch2/catch.hpp>

#include "emvcrypto/cipher.h"
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

  kpd::SecretBatch batch;
  batch.add(1, 1, 0x8000, udk, PadRule::if_needed);
  batch.add(0, 0, 0x8010, pin, PadRule::never);
  batch.add(1, 1, 0x8201, odd, PadRule::always);
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
