#include <catch2/catch.hpp>

#include "test/unit/support/test_device.h"

using namespace hsm_test;
using Catch::Matchers::Contains;
using Catch::Matchers::Message;

namespace {

/// The text of the SetupError that `act` throws.
template <typename Act>
std::string setup_error(Act act) {
  try {
    act();
  } catch (const hsm::SetupError& error) {
    return error.what();
  }
  return "no SetupError";
}

}  // namespace

TEST_CASE("a library that is not there is told with what to do") {
  CHECK_THAT(setup_error([] { hsm::Module::load("/nowhere/libnone.so"); }),
             Contains("/nowhere/libnone.so") && Contains("install"));
  CHECK_THAT(setup_error([] { hsm::Module::load("libc.so.6"); }),
             Contains("not a PKCS#11 library"));
  CHECK_THAT(setup_error([] { hsm::Module::load(""); }), Contains("no path"));
}

TEST_CASE("a device that cannot start is an error of C_Initialize") {
  setenv("SOFTHSM2_CONF", "/nowhere/softhsm2.conf", 1);
  CHECK_THROWS_WITH(hsm::Module::load(library_path()),
                    Contains("C_Initialize failed: CKR_") && Contains("SOFTHSM2_CONF"));
  TestDevice afterwards;
  CHECK(afterwards.module->token_labels() == std::vector<std::string>{"first"});
}

TEST_CASE("one library is initialised once however often it is loaded") {
  TestDevice device;
  int calls = 0;
  device.module->set_tap([&](std::string_view call) {
    calls += call == "C_Initialize" || call == "C_Finalize" ? 1 : 0;
    return 0UL;
  });
  const auto again = hsm::Module::load(library_path());
  CHECK(again->token_labels() == device.module->token_labels());
  CHECK(calls == 0);
  device.module->set_tap({});
}

TEST_CASE("tokens are made and found by label") {
  TestDevice device("first");
  device.make_token("second");
  auto labels = device.module->token_labels();
  std::sort(labels.begin(), labels.end());
  CHECK(labels == std::vector<std::string>{"first", "second"});
  CHECK(device.token->label() == "first");
  const Secret so(emvcrypto::as_bytes("officer-1"));
  CHECK_THAT(setup_error([&] { device.module->init_token("first", so, test_pin()); }),
             Contains("\"first\" already"));
  CHECK_THAT(setup_error([&] { device.module->init_token(std::string(33, 'x'), so, test_pin()); }),
             Contains("1 to 32 bytes"));
  GivenPin pin;
  CHECK_THAT(setup_error([&] { hsm::Token::open(device.module, "third", pin); }),
             Contains("no token \"third\"") && Contains("\"first\"") && Contains("\"second\""));
  CHECK(pin.asked == 0);
}

TEST_CASE("the PIN is asked once for a token, whoever opens it again") {
  TestDevice device;
  GivenPin pin("never used");
  const auto again = hsm::Token::open(device.module, "first", pin);
  CHECK(pin.asked == 0);
  const Key key = device.token->generate_secret(KeyType::des2, 16, {.encrypt = true});
  CHECK(again->kcv(key) == device.token->kcv(key));
}

TEST_CASE("a wrong PIN is tried once and never again") {
  TestDevice device("kept");
  device.token.reset();
  GivenPin wrong("0000-wrong");
  const auto open = [&](hsm::PinSource& pins) {
    return setup_error([&] { hsm::Token::open(device.module, "kept", pins); });
  };
  int logins = 0;
  device.module->set_tap([&](std::string_view call) {
    logins += call == "C_Login" ? 1 : 0;
    return 0UL;
  });
  CHECK_THAT(open(wrong), Contains("refused the PIN") && !Contains("0000-wrong"));
  CHECK_THAT(open(wrong), Contains("refused the PIN before"));
  GivenPin right;
  CHECK_THAT(open(right), Contains("refused the PIN before"));
  device.module->set_tap({});
  CHECK(logins == 1);
  CHECK(wrong.asked == 1);
  CHECK(right.asked == 0);
}

TEST_CASE("no PIN is no try") {
  TestDevice device("kept");
  device.token.reset();
  GivenPin none("");
  CHECK_THAT(setup_error([&] { hsm::Token::open(device.module, "kept", none); }),
             Contains("no PIN was given"));
  GivenPin right;
  CHECK(hsm::Token::open(device.module, "kept", right)->label() == "kept");
}

TEST_CASE("a locked or expired PIN is told as what it is") {
  for (const auto& [rv, text] : {std::pair{0xA4UL, "locked"}, std::pair{0xA3UL, "expired"}}) {
    TestDevice device("kept");
    device.token.reset();
    device.module->set_tap(
        [rv = rv](std::string_view call) { return call == "C_Login" ? rv : 0UL; });
    GivenPin right;
    CHECK_THAT(setup_error([&] { hsm::Token::open(device.module, "kept", right); }),
               Contains(text));
    device.module->set_tap({});
  }
}

TEST_CASE("keys are found by label and by URI, once, and told apart by what the URI says") {
  TestDevice device;
  auto& token = *device.token;
  const Key made = token.generate_secret(KeyType::des2, 16, {.encrypt = true}, "imk ac");
  token.generate_rsa(1024, 65537, {.sign = true}, "issuer");
  const Bytes kcv = token.kcv(made);
  for (const std::string name :
       {"imk ac", "pkcs11:object=imk%20ac", "pkcs11:token=first;object=imk%20ac",
        "pkcs11:object=imk%20ac;type=secret-key"})
    CHECK(token.kcv(token.find(name)) == kcv);

  const Bytes id = token.list().at(0).id;
  std::string by_id = "pkcs11:token=first;id=";
  for (const auto byte : id) by_id += "%" + emvcrypto::to_hex(Bytes{byte});
  CHECK(token.find(by_id).label() == "imk ac");
  CHECK(token.find("issuer").type() == KeyType::rsa_private);
  CHECK(token.find("issuer").size() == 128);
  CHECK(token.find("pkcs11:object=issuer;type=public").type() == KeyType::rsa_public);
  CHECK_FALSE(token.try_find("pkcs11:object=imk%20ac;type=private"));

  int searches = 0;
  device.module->set_tap([&](std::string_view call) {
    searches += call == "C_FindObjectsInit" ? 1 : 0;
    return 0UL;
  });
  token.find("imk ac");
  token.find("pkcs11:object=imk%20ac");
  device.module->set_tap({});
  CHECK(searches == 0);
}

TEST_CASE("a name that fits no key, or more than one, says so") {
  TestDevice device;
  auto& token = *device.token;
  CHECK_FALSE(token.try_find("imk"));
  const auto message = [&](const std::string& name) {
    return setup_error([&] { token.find(name); });
  };
  CHECK_THAT(message("imk"), Contains("\"first\"") && Contains("no private or secret key \"imk\""));
  CHECK_THAT(message(""), Contains("is empty"));
  CHECK_THAT(message("pkcs11:token=other;object=imk"), Contains("another token"));
  CHECK_THAT(message("pkcs11:token=first"), Contains("names no key"));
  CHECK_THAT(message("pkcs11:object=imk;type=cert"), Contains("not of a key"));
  CHECK_THAT(message("pkcs11:object=%zz"), Contains("no pkcs11: URI"));
  CHECK_THAT(message("pkcs11:object=imk;colour=red"), Contains("not understood"));
  CHECK_THAT(message("pkcs11:object=imk?pin-value=1234"), Contains("PIN") && !Contains("1234"));

  const Key key = token.generate_secret(KeyType::des2, 16, {.encrypt = true}, "imk");
  CHECK_THAT(setup_error([&] { token.generate_secret(KeyType::aes, 16, {}, "imk"); }),
             Contains("\"imk\" already"));
  CHECK_THAT(setup_error([&] { token.generate_rsa(1024, 3, {}, "imk"); }),
             Contains("\"imk\" already"));
  CHECK(token.try_find("imk"));
  token.destroy(key);
  CHECK_FALSE(token.try_find("imk"));
  CHECK_THAT(setup_error([&] { token.kcv(key); }), Contains("was destroyed"));
}

TEST_CASE("the list shows type, size, usage and id of every key of the token") {
  TestDevice device;
  auto& token = *device.token;
  const Key kek = token.generate_secret(KeyType::aes, 32, {.wrap = true, .unwrap = true}, "kek");
  const Key moving =
      token.generate_secret(KeyType::aes, 24, {.encrypt = true, .extractable = true});
  token.unwrap(kek, token.wrap(kek, moving, hsm::Token::WrapMethod::aes_kw),
               hsm::Token::WrapMethod::aes_kw, KeyType::aes, 24, {.encrypt = true}, "came");
  const Key mac =
      token.generate_secret(KeyType::generic, 32, {.sign = true, .verify = true}, "mac");
  token.generate_rsa(1152, 3, {.sign = true}, "issuer");
  const auto keys = token.list();
  CHECK(keys.size() == 5);  // both halves of the pair; session keys are not on the token
  for (const auto& key : keys) {
    CAPTURE(key.label);
    CHECK_FALSE(key.id.empty());
    CHECK(key.sensitive == (key.type != KeyType::rsa_public));
    CHECK_FALSE(key.usage.extractable);
    CHECK(key.usage.wrap == (key.label == "kek"));
    CHECK(key.usage.unwrap == (key.label == "kek"));
    CHECK(key.usage.encrypt == (key.label == "came"));
    CHECK_FALSE(key.usage.derive);
    CHECK_FALSE(key.usage.decrypt);
    CHECK(key.usage.sign == (key.label == "mac" || key.type == KeyType::rsa_private));
    if (key.label == "kek") CHECK(key.size == 32);
    if (key.label == "came") CHECK(key.size == 24);
    if (key.label == "mac") CHECK(key.size == 32);
    if (key.label == "issuer") CHECK(key.size == 144);
  }
}

TEST_CASE("keys of the token are there after a new start") {
  TokenFolder folder;
  Bytes kcv;
  {
    auto module = hsm::Module::load(library_path());
    module->init_token("kept", Secret(emvcrypto::as_bytes("officer-1")), test_pin());
    GivenPin pin;
    auto token = hsm::Token::open(module, "kept", pin);
    kcv = token->kcv(token->generate_secret(KeyType::des2, 16, {.derive = true}, "imk"));
    const Key session_key = token->generate_secret(KeyType::des2, 16, {.encrypt = true});
  }
  auto module = hsm::Module::load(library_path());
  GivenPin pin;
  auto token = hsm::Token::open(module, "kept", pin);
  CHECK(pin.asked == 1);
  CHECK(token->kcv(token->find("imk")) == kcv);
  CHECK(token->list().size() == 1);
}

TEST_CASE("a key of one token is not taken for a key of another") {
  TestDevice device;
  const auto other = device.make_token("second");
  const Key key = device.token->generate_secret(KeyType::des2, 16, {.encrypt = true});
  Bytes block(8);
  CHECK_THROWS_AS(other->encrypt_ecb(key, block), hsm::SetupError);
  CHECK_THROWS_AS(other->encrypt_ecb(Key(), block), hsm::SetupError);
}
